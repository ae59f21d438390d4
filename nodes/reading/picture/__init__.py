"""Pictures in files: told by their first bytes and opened as PNG, JPEG, WebP, TIFF, BMP or GIF alone.

At most 40 megapixels (a JPEG 64) and 256 MiB, about a gigabyte for all that are decoded at once. Whatever a
decoder raises is a line of what is skipped. Of 16 bits the upper 8 are taken, floats go by the usual range
that holds them, and transparent pixels show a chosen ground. Links to folders are not followed; a folder is
gone through for at most two minutes, 2,000,000 pictures, or 100,000 other entries and four more for each
picture. Lists, masks and pairs are in `nodes.reading.picture.listed`, boxes and captions in files beside
pictures in `boxes` and `captions`; a sheet, a PNG each row of which is a picture (`sheets`), may have 100
megapixels.
"""
