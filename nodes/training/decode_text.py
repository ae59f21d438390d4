"""A sampler that answers a source in words: translations, captions."""

from __future__ import annotations

from collections.abc import Mapping

from nodes.param import Float, Int, Text
from nodes.shared import card_label
from nodes.shared.drawn_function import Drawn, Loop, Origin
from nodes.spec import BatchDim, Inputs, LayerError, Port, Role, SetParam, TensorSpec
from nodes.training.sampler import Sampler


class DecodeText(Sampler):
    """Writes an answer to a source token by token, reading back what it wrote: a translation, a caption.

    `tokens` is wired from what the decoder reads while training, as the decoder input of text pairs, and
    `logits` from its scores `(N, T, classes)`. Wire `source` and `mask` from the text that is answered, to
    see it beside the answer and to type other texts; `true` from the right answers; `picture` from pictures
    that are described. Without texts of yours the first validation samples are answered.
    """

    title = "Decode text"
    aliases = ("translate", "translation", "caption", "seq2seq", "greedy decoding", "free running", "answer",
               "sequence to sequence")  # fmt: skip
    inputs = (
        Port("tokens", "what the decoder reads (N, T)", dtype="int", ranks=(2,), fed=True),
        Port("logits", "scores of the next token (N, T, classes)", ranks=(3,)),
        Port("source", "the text that is answered (N, S)", dtype="int", ranks=(2,), optional=True, side=True,
             fed=True),
        Port("mask", "which tokens of the source are real (N, S)", dtype="any", ranks=(2,), optional=True,
             side=True, fed=True),
        Port("true", "right answers (N, T)", dtype="int", ranks=(2,), optional=True, side=True),
        Port("picture", "pictures that are described (N, C, H, W)", ranks=(4,), optional=True, side=True),
    )  # fmt: skip
    shows_images = False

    count = Int(8, min=1, max=256, help="How many answers.")
    prompts = Text(
        "",
        empty="first samples",
        help="Texts to answer in turn, with ; between them; empty: those of the first validation samples.",
    )
    temperature = Float(
        0.0, min=0.0, max=100.0, help="0: always the likeliest token; lower is surer, higher wilder."
    )
    top_k = Int(0, max=1_000_000, zero="all", label="Top-k", help="Draw among this many; 0: among all.")
    top_p = Float(
        1.0, min=0.0, max=1.0, label="Top-p", help="Draw among the likeliest that reach this probability."
    )

    def check(
        self,
        tokens: TensorSpec,
        logits: TensorSpec,
        source: TensorSpec | None = None,
        mask: TensorSpec | None = None,
        true: TensorSpec | None = None,
        picture: TensorSpec | None = None,
    ) -> None:
        classes = logits.shape[-1]
        if tokens.classes is not None and classes != tokens.classes:
            raise LayerError(
                f"scores of {tokens.classes} tokens at 'logits'", f"{classes}, in {logits}", port="logits"
            )
        if tokens.shape[1] != logits.shape[1]:
            raise LayerError(
                f"scores for each of {tokens.shape[1]} tokens at 'logits'", str(logits), port="logits"
            )
        if self.prompt_texts() and source is None:
            fixes = (SetParam("prompts", ""),)
            raise LayerError(
                "tokens of the text that is answered at 'source' for prompts", "none", fixes=fixes
            )

    def check_origins(self, origins: Mapping[str, Origin]) -> None:
        for port, origin in origins.items():
            if origin.layer.role is not Role.SOURCE:
                raise LayerError(
                    f"values straight from a data set at {port!r}",
                    f"{origin.port!r} of {origin.path}, a {origin.layer.title}",
                    port=port,
                )

    def draw(self, drawn: Drawn) -> Loop:
        from nodes.modules.sampler import Choosing
        from nodes.modules.sequences.answers import answer

        return answer(drawn, Choosing(self.temperature, self.top_k, self.top_p), self.prompt_texts())

    def prompt_texts(self) -> tuple[str, ...]:
        """The texts to answer, in turn."""
        return tuple(text for one in self.prompts.split(";") if (text := one.strip()))

    def card_label(self) -> str:
        likeliest = self.temperature == 0.0
        return card_label.line(f"{self.count} texts", "likeliest" if likeliest else f"T {self.temperature:g}")

    def example_inputs(self) -> Inputs:
        tokens = TensorSpec((BatchDim(), 16), "int64", classes=10)
        return (tokens, TensorSpec((BatchDim(), 16, 10)), None, None, None, None)
