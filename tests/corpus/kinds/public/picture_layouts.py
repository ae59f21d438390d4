"""Folders of pictures as Kaggle, Hugging Face, Teachable Machine and others hand them out."""

from __future__ import annotations

from tests.corpus.case import Case, Expected
from tests.corpus.kinds.pictures import CLASSES
from tests.corpus.kinds.public.picture_trees import layout, pics

CASES = (
    Case(
        "public pictures",
        "train/train wrapped twice",
        layout(
            {
                **pics("train/train/cat/", 4),
                **pics("train/train/dog/", 4, 4),
                **pics("test/test/cat/", 2, 8),
                **pics("test/test/dog/", 2, 9),
            }
        ),
        Expected(kind="images", samples=12, classes=CLASSES, validation=4),
    ),
    Case(
        "public pictures",
        "cats and dogs: names in train, bare test",
        layout(
            {
                **{f"train/cat.{i}.png": i for i in range(6)},
                **{f"train/dog.{i}.png": i + 4 for i in range(6)},
                **{f"test/{i}.png": i for i in range(4)},
            }
        ),
        Expected(kind="images", samples=12, classes=CLASSES, or_told="(?s)names of|classes"),
    ),
    Case(
        "public pictures",
        "train/val with no_ classes",
        layout(
            {f"{p}/{c}/{i}.png": i for p in ("train", "val") for c in ("mask", "no_mask") for i in range(4)}
        ),
        Expected(kind="images", samples=16, classes=("mask", "no_mask"), validation=8),
    ),
    Case(
        "public pictures",
        "classes differ in case",
        layout({**pics("Cat/", 4), **pics("cat/", 4, 4), **pics("dog/", 4, 6)}),
        Expected(told=["(?i)case|Cat.*cat.*letters|differ"]),
    ),
    Case(
        "public pictures",
        "train Cat, val cat",
        layout(
            {
                **pics("train/Cat/", 4),
                **pics("train/Dog/", 4, 4),
                **pics("val/cat/", 4),
                **pics("val/dog/", 4, 4),
            }
        ),
        Expected(told=["(?i)case|cat.*Cat|no picture to train"]),
    ),
    Case(
        "public pictures",
        "class with one picture",
        layout({**pics("cat/", 4), **pics("dog/", 4, 4), **pics("emu/", 1, 8)}),
        Expected(samples=9, told=["emu"]),
    ),
    Case(
        "public pictures",
        "duplicates in train and test",
        layout(
            {
                **pics("train/cat/", 4),
                **pics("train/dog/", 4, 4),
                **pics("test/cat/", 2),
                **pics("test/dog/", 2, 8),
            }
        ),
        Expected(samples=12, validation=4, told=["(?i)same|duplicate|twice|alike"]),
    ),
    Case(
        "public pictures",
        "duplicates in one folder",
        layout({**pics("cat/", 4), "cat/copy.png": 1, **pics("dog/", 4, 4)}),
        Expected(samples=9, told=["(?i)same|duplicate|twice|alike"]),
    ),
    Case(
        "public pictures",
        "same picture, two classes",
        layout({**pics("cat/", 4), **pics("dog/", 4, 3)}),
        Expected(samples=8, told=["(?i)same|duplicate|twice|alike"]),
    ),
    Case(
        "public pictures",
        "train/test/valid with csv beside (roboflow)",
        layout(
            {
                **{
                    f"{p}/{c}/{i}.png": i + j
                    for p in ("train", "test", "valid")
                    for j, c in enumerate(CLASSES)
                    for i in range(4)
                },
                "README.roboflow.txt": "x",
                "data.yaml": "names: [cat,dog]",
            }
        ),
        Expected(samples=16, validation=8, classes=CLASSES),
    ),
    Case(
        "public pictures",
        "teachable machine export",
        layout({**pics("Class 1-samples/", 4, end=".jpg"), **pics("Class 2-samples/", 4, 4, end=".jpg")}),
        Expected(samples=8, classes=("Class 1-samples", "Class 2-samples")),
    ),
    Case(
        "public pictures",
        "imagenet wnids with words.txt",
        layout(
            {
                **pics("n01440764/", 4, end=".JPEG"),
                **pics("n01443537/", 4, 4, end=".JPEG"),
                "words.txt": "n01440764\ttench",
            }
        ),
        Expected(samples=8, classes=("n01440764", "n01443537")),
    ),
    Case(
        "public pictures",
        "tiny-imagenet val/images+annotations",
        layout(
            {
                **pics("train/n01/images/", 4, end=".JPEG"),
                **pics("train/n02/images/", 4, 4, end=".JPEG"),
                **pics("val/images/", 4, end=".JPEG"),
                "val/val_annotations.txt": "".join(
                    f"{i}.JPEG\tn0{i % 2 + 1}\t0\t0\t9\t9\n" for i in range(4)
                ),
            }
        ),
        Expected(classes=("n01", "n02"), or_told="val|images"),
    ),
    Case(
        "public pictures",
        "101_ObjectCategories with BACKGROUND_Google",
        layout({**pics("BACKGROUND_Google/", 4), **pics("ant/", 4, 4)}),
        Expected(samples=8, classes=("BACKGROUND_Google", "ant")),
    ),
    Case(
        "public pictures",
        "classes 0-9 and 10 in order",
        layout({f"{c}/{i}.png": c % 5 + i for c in (1, 2, 10) for i in range(3)}),
        Expected(samples=9, classes=("1", "10", "2")),
    ),
    Case(
        "public pictures",
        "fold1 fold2 above classes",
        layout({f"fold{k}/{c}/{i}.png": i + k for k in (1, 2) for c in CLASSES for i in range(3)}),
        Expected(told=["(?i)fold"], or_told="fold"),
    ),
    Case(
        "public pictures",
        "subject above classes",
        layout({f"subject{k}/{c}/{i}.png": i + k for k in (1, 2, 3) for c in CLASSES for i in range(3)}),
        Expected(told=["(?i)subject|folders"], or_told="subject|(?i)folders"),
    ),
    Case(
        "public pictures",
        "good/bad/…: MVTec train/good test/good,broken",
        layout(
            {
                **pics("train/good/", 6),
                **pics("test/good/", 3),
                **pics("test/broken/", 3, 6),
                **{f"ground_truth/broken/{i}_mask.png": i for i in range(3)},
            }
        ),
        Expected(told=["broken"], or_told="broken"),
    ),
    Case(
        "public pictures",
        "one class and a labels file inside",
        layout(
            {
                **pics("images/", 6),
                "labels.csv": "id,label\n" + "".join(f"{i},{CLASSES[i % 2]}\n" for i in range(6)),
            }
        ),
        Expected(samples=6, classes=CLASSES),
    ),
    Case(
        "public pictures",
        "labels.csv with subpath",
        layout(
            {
                **pics("img/a/", 3),
                **pics("img/b/", 3, 3),
                "labels.csv": "file,label\n"
                + "".join(f"img/{'ab'[i // 3]}/{i % 3}.png,{CLASSES[i % 2]}\n" for i in range(6)),
            }
        ),
        Expected(samples=6, classes=CLASSES),
    ),
    Case(
        "public pictures",
        "labels.csv with wrong suffix",
        layout(
            {
                **pics("images/", 6),
                "labels.csv": "file,label\n" + "".join(f"{i}.jpg,{CLASSES[i % 2]}\n" for i in range(6)),
            }
        ),
        Expected(samples=6, classes=CLASSES, or_told="labels.csv|jpg"),
    ),
    Case(
        "public pictures",
        "labels.csv with absolute paths",
        layout(
            {
                **pics("images/", 6),
                "labels.csv": "file,label\n"
                + "".join(f"/home/bob/set/images/{i}.png,{CLASSES[i % 2]}\n" for i in range(6)),
            }
        ),
        Expected(samples=6, classes=CLASSES, or_told="(?i)home|names? no|naming no"),
    ),
    Case(
        "public pictures",
        "labels.csv windows absolute",
        layout(
            {
                **pics("images/", 6),
                "labels.csv": "file,label\n"
                + "".join(f"C:\\Users\\bob\\images\\{i}.png,{CLASSES[i % 2]}\n" for i in range(6)),
            }
        ),
        Expected(samples=6, classes=CLASSES, or_told="(?i)bob|naming no"),
    ),
    Case(
        "public pictures",
        "labels.csv id with leading zeros lost",
        layout(
            {
                **{f"images/{i:05}.png": i for i in range(6)},
                "labels.csv": "id,label\n" + "".join(f"{i},{CLASSES[i % 2]}\n" for i in range(6)),
            }
        ),
        Expected(samples=6, classes=CLASSES, or_told="labels.csv|naming no|could not"),
    ),
    Case(
        "public pictures",
        "labels csv with case-different suffix",
        layout(
            {
                **{f"images/{i}.JPG": i for i in range(6)},
                "labels.csv": "file,label\n" + "".join(f"{i}.jpg,{CLASSES[i % 2]}\n" for i in range(6)),
            }
        ),
        Expected(samples=6, classes=CLASSES, or_told="naming no"),
    ),
    Case(
        "public pictures",
        "one-hot labels csv (ISIC)",
        layout(
            {
                **{f"images/ISIC_{i}.png": i for i in range(8)},
                "GroundTruth.csv": "image,MEL,NV,BCC\n"
                + "".join(
                    f"ISIC_{i},{float(i % 3 == 0)},{float(i % 3 == 1)},{float(i % 3 == 2)}\n"
                    for i in range(8)
                ),
            }
        ),
        Expected(samples=8, classes=("MEL", "NV", "BCC"), or_told="MEL|one-hot|several|NV"),
    ),
    Case(
        "public pictures",
        "metadata.csv HF imagefolder",
        layout(
            {
                **pics("train/", 6),
                "train/metadata.csv": "file_name,text\n"
                + "".join(f"{i}.png,a {CLASSES[i % 2]} on a mat\n" for i in range(6)),
            }
        ),
        Expected(told=["(?i)metadata|text|caption"], or_told="metadata"),
    ),
    Case(
        "public pictures",
        "metadata.jsonl HF",
        layout(
            {
                **pics("", 6),
                "metadata.jsonl": "".join(
                    f'{{"file_name": "{i}.png", "label": "{CLASSES[i % 2]}"}}\n' for i in range(6)
                ),
            }
        ),
        Expected(samples=6, classes=CLASSES, or_told="metadata|jsonl"),
    ),
    Case(
        "public pictures",
        "train.txt path label spaces",
        layout(
            {**pics("jpg/", 6), "train.txt": "".join(f"jpg/{i}.png {i % 2}\n" for i in range(6))},
            "set/train.txt",
        ),
        Expected(samples=6, classes=("0", "1"), or_told="train.txt|space|jpg"),
    ),
    Case(
        "public pictures",
        "Sony NNC x:image,y:label",
        layout(
            {
                **pics("images/", 6),
                "train.csv": "x:image,y:label;cat\n"
                + "".join(f"./images/{i}.png,{i % 2}\n" for i in range(6)),
            },
            "set/train.csv",
        ),
        Expected(samples=6, classes=("0", "1")),
    ),
    Case(
        "public pictures",
        "UTKFace age_gender_race",
        layout({f"{a}_{a % 2}_{a % 3}_2017010{i}.png": i for i, a in enumerate([20, 31, 25, 47, 1, 80])}),
        Expected(kind="images", samples=6, classes=()),
    ),
)
