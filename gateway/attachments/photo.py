"""What does LAPOR get of a picture? An upright JPEG or PNG of pixels alone, small enough. Runs in the child."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path

import pillow_heif
from PIL import ExifTags, Image, ImageChops, ImageFile

from gateway.attachments.colours import bare, opaque, plain, screen
from gateway.attachments.limits import DECORATION_SIDE, LARGEST, LONGEST_SIDE, PIXELS
from gateway.attachments.made import BROKEN, Made, Refused
from gateway.attachments.place import position
from gateway.attachments.scan import pages

_READERS = {"HEIF": ["HEIF"], "AVIF": ["AVIF"], "JPEG": ["JPEG", "MPO"]}
_DRAWN = {"PNG", "GIF", "BMP", "TIFF"}
"""Screenshots and scans: sharp edges, which JPEG would blur."""
_STEPS = ((LONGEST_SIDE, 90), (LONGEST_SIDE, 82), (LONGEST_SIDE, 74), (1920, 76), (1440, 76), (1024, 70))
"""Longest side in pixels and JPEG quality, from the best to the smallest."""
_TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
"""What sets a picture upright, by EXIF's orientation (CIPA DC-008, 4.6.4)."""
_DECODED_SHARE = 0.25
"""Of a photo that is cut off: less shows nothing."""

pillow_heif.register_heif_opener()
# Our own limit looks at the header before anything is decoded, and knows no warnings.
Image.MAX_IMAGE_PIXELS = None


def picture(path: Path, kind: str) -> Made:
    """Make the picture fit. Raises Refused, or MemoryError."""
    try:
        return _made(path, kind, _strictly)
    except BROKEN:
        pass
    try:
        return _made(path, kind, _leniently)
    except BROKEN:
        raise Refused("attachment_unreadable") from None


def _made(path: Path, kind: str, load: Callable[[Image.Image], str]) -> Made:
    with Image.open(path, formats=_READERS.get(kind, [kind])) as image:
        if image.width * image.height > PIXELS:
            raise Refused("attachment_too_large")
        decoration = max(image.size) <= DECORATION_SIDE
        if kind == "TIFF" and getattr(image, "n_frames", 1) > 1:
            return pages(image)
        if kind == "JPEG":
            image.draft(None, _within(image.size, LONGEST_SIDE))
        why = load(image)
        # After loading: PNG may keep its EXIF behind the pixels.
        where = position(image)
        upright = _upright(image)
    content, media_type = _drawn(upright) if kind in _DRAWN else _painted(upright)
    return Made(content, media_type, why, where, decoration)


def _strictly(image: Image.Image) -> str:
    image.load()
    return ""


def _leniently(image: Image.Image) -> str:
    """Decode what there is of a file that is cut off. Raises Refused where that is too little."""
    ImageFile.LOAD_TRUNCATED_IMAGES = True
    try:
        image.load()
    finally:
        ImageFile.LOAD_TRUNCATED_IMAGES = False
    if _decoded(image) < _DECODED_SHARE:
        raise Refused("attachment_unreadable")
    return "attachment_truncated"


def _decoded(image: Image.Image) -> float:
    """The share of the picture above the even area that stands for what is missing."""
    grey = image.convert("L")
    last = grey.getpixel((grey.width - 1, grey.height - 1))
    box = ImageChops.difference(grey, Image.new("L", grey.size, last)).getbbox()
    return box[3] / grey.height if box else 0.0


def _upright(image: Image.Image) -> Image.Image:
    """Scaled first: every further step is cheaper."""
    profile = image.info.get("icc_profile")
    turn = _turn(image)
    small = _scaled(plain(image), LONGEST_SIDE)
    return bare(screen(small if turn is None else small.transpose(turn), profile))


def _turn(image: Image.Image) -> Image.Transpose | None:
    """None also where the EXIF is damaged: the pixels are not."""
    try:
        return _TURNS.get(image.getexif().get(ExifTags.Base.Orientation, 1))
    except BROKEN:
        return None


def _scaled(image: Image.Image, side: int) -> Image.Image:
    if max(image.size) <= side:
        return image
    return image.resize(_within(image.size, side), Image.Resampling.LANCZOS, reducing_gap=3.0)


def _within(size: tuple[int, int], side: int) -> tuple[int, int]:
    scale = min(1.0, side / max(size))
    return max(1, round(size[0] * scale)), max(1, round(size[1] * scale))


def _drawn(image: Image.Image) -> tuple[bytes, str]:
    """PNG where that fits, else as a photo."""
    file = io.BytesIO()
    image.save(file, "PNG")
    return (file.getvalue(), "image/png") if file.tell() <= LARGEST else _painted(image)


def _painted(image: Image.Image) -> tuple[bytes, str]:
    """JPEG, in the best quality that fits."""
    image = opaque(image)
    for side, quality in _STEPS:
        file = io.BytesIO()
        _scaled(image, side).save(file, "JPEG", quality=quality)
        if file.tell() <= LARGEST:
            return file.getvalue(), "image/jpeg"
    raise Refused("attachment_too_large")
