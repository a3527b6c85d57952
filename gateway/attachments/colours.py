"""How does a picture of any make become plain 8-bit grey or sRGB, with or without alpha?"""

from __future__ import annotations

import io

from PIL import Image, ImageCms

_PLAIN = {"L", "RGB", "RGBA", "CMYK"}
_DEEP = 1 / 257
"""From 16 bits to 8, so that 65535 becomes 255."""


def plain(image: Image.Image) -> Image.Image:
    """The picture as L, RGB, RGBA or CMYK, with 8 bits a channel; bilevel ones become grey."""
    if image.mode in _PLAIN and "transparency" not in image.info:
        return image
    if image.mode.startswith("I;16"):
        return image.convert("I").point(lambda value: value * _DEEP).convert("L")
    if image.mode in {"I", "F"}:
        return _stretched(image)
    if image.has_transparency_data:
        return image.convert("RGBA")
    return image.convert("L" if image.mode == "1" else "RGB")


def screen(image: Image.Image, profile: bytes | None) -> Image.Image:
    """The picture in sRGB, by its ICC profile where it has one that fits; grey stays grey, alpha alpha."""
    if image.mode == "RGBA":
        coloured = screen(image.convert("RGB"), profile)
        coloured.putalpha(image.getchannel("A"))
        return coloured
    wanted = "L" if image.mode == "L" else "RGB"
    if profile and wanted == "RGB":
        try:
            source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
            converted = ImageCms.profileToProfile(image, source, ImageCms.createProfile("sRGB"), outputMode=wanted)
        except (ImageCms.PyCMSError, OSError, ValueError, TypeError):
            return image.convert(wanted)
        return converted or image
    return image.convert(wanted)


def opaque(image: Image.Image) -> Image.Image:
    """The picture on white paper."""
    if image.mode != "RGBA":
        return image
    paper = Image.new("RGB", image.size, "white")
    paper.paste(image, mask=image.getchannel("A"))
    return paper


def bare(image: Image.Image) -> Image.Image:
    """The same pixels and nothing else: what came with the file stays behind."""
    copy = Image.new(image.mode, image.size)
    copy.paste(image)
    return copy


def _stretched(image: Image.Image) -> Image.Image:
    """Numbers of unknown range: 8 or 16 bits where they fit, else from the darkest to the brightest."""
    low, high = (float(edge) for edge in image.getextrema())  # type: ignore[arg-type]
    if low >= 0 and high <= 255:
        return image.convert("L")
    if low >= 0 and high <= 65535:
        return image.point(lambda value: value * _DEEP).convert("L")
    scale = 255 / (high - low)
    return image.point(lambda value: value * scale - low * scale).convert("L")
