"""How does a PDF of scanned pages come to fit? By its pictures, made smaller step by step. Runs in the child."""

from __future__ import annotations

import io

from PIL import Image
from pypdf import PdfReader, PdfWriter
from pypdf.errors import PyPdfError
from pypdf.generic import NameObject, NumberObject, StreamObject

from gateway.attachments.colours import bare, plain, screen
from gateway.attachments.limits import LARGEST, PIXELS
from gateway.attachments.made import BROKEN, Refused
from gateway.attachments.objects import reachable

_STEPS = ((2339, 70), (1754, 60), (1403, 50), (1169, 40))
"""Pixels of a picture's longest side and JPEG quality: A4 at 200, 150, 120 and 100 dpi."""
_MANY = 30
"""Pages from which on only the smallest steps can fit."""
_WORTH = 20_000
"""Bytes of a picture below which nothing is to be won."""


def smaller(reader: PdfReader) -> bytes:
    """The document in a new file of at most 2 MB. Raises Refused where its pages cannot be made so small."""
    content = _written(PdfWriter(clone_from=reader))
    for side, quality in _STEPS if len(reader.pages) < _MANY else _STEPS[2:]:
        if len(content) <= LARGEST:
            return content
        writer = PdfWriter(clone_from=reader)
        _shrink(writer, side, quality)
        content = _written(writer)
    if len(content) > LARGEST:
        raise Refused("attachment_too_large")
    return content


def _shrink(writer: PdfWriter, side: int, quality: int) -> None:
    for thing in reachable(writer.root_object):
        if isinstance(thing, StreamObject) and _shrinkable(thing):
            _replace(thing, side, quality)


def _shrinkable(stream: StreamObject) -> bool:
    """Not a mask, and shown as it stands: JPEG would blur a colour key, and `/Decode` gives samples another sense."""
    return (
        stream.get("/Subtype") == "/Image"
        and not {"/ImageMask", "/Decode"} & stream.keys()
        and not isinstance(stream.get("/Mask"), list)
        and len(StreamObject.get_data(stream)) > _WORTH
        and _pixels(stream) <= PIXELS
    )


def _pixels(stream: StreamObject) -> int:
    width, height = stream.get("/Width"), stream.get("/Height")
    return width * height if isinstance(width, int) and isinstance(height, int) else PIXELS + 1


def _replace(stream: StreamObject, side: int, quality: int) -> None:
    """Put a smaller JPEG in its place, where one can be made; a soft mask keeps its size (ISO 32000-1, 11.6.5.3)."""
    try:
        image = stream.decode_as_image()
        if not isinstance(image, Image.Image):
            return
        small = _small(image, side)
    except (*BROKEN, PyPdfError):
        return
    file = io.BytesIO()
    small.save(file, "JPEG", quality=quality)
    if file.tell() >= len(StreamObject.get_data(stream)):
        return
    StreamObject.set_data(stream, file.getvalue())
    stream.pop("/DecodeParms", None)
    stream[NameObject("/Filter")] = NameObject("/DCTDecode")
    stream[NameObject("/ColorSpace")] = NameObject("/DeviceGray" if small.mode == "L" else "/DeviceRGB")
    stream[NameObject("/BitsPerComponent")] = NumberObject(8)
    stream[NameObject("/Width")] = NumberObject(small.width)
    stream[NameObject("/Height")] = NumberObject(small.height)


def _small(image: Image.Image, side: int) -> Image.Image:
    flat = plain(image)
    flat = screen(flat.convert("RGB") if flat.mode == "RGBA" else flat, image.info.get("icc_profile"))
    flat.thumbnail((side, side), Image.Resampling.LANCZOS)
    return bare(flat)


def _written(writer: PdfWriter) -> bytes:
    writer.metadata = None
    file = io.BytesIO()
    writer.compress_identical_objects(remove_unreferenced=True)
    writer.write(file)
    return file.getvalue()
