"""Which files do citizens, and those who wish the gateway ill, attach?"""

from __future__ import annotations

import hashlib
import io
import random
import struct
import zlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pillow_heif
from PIL import ExifTags, Image, ImageCms, ImageDraw, PngImagePlugin
from pypdf import PdfReader, PdfWriter
from pypdf.generic import ArrayObject, DictionaryObject, NameObject, StreamObject, TextStringObject

from connectors.contract import Attachment
from connectors.spool import keep
from gateway.attachments.prepare import Prepared, prepare

pillow_heif.register_heif_opener()

SECRET = "Siti Pelapor"
"""What no file may tell."""
RED, GREEN, BLUE = (220, 30, 30), (30, 200, 30), (30, 30, 220)


def given(spool: Path, name: str, content: bytes, media_type: str = "application/octet-stream") -> Attachment:
    """A file in the spool, under exactly this name."""
    kept = keep(spool, name, media_type, content)
    return Attachment(name, media_type, kept.path, kept.sha256, kept.size)


def one(spool: Path, name: str, content: bytes) -> Prepared:
    """What becomes of a single file."""
    return prepare(spool, [given(spool, name, content)])[0]


def sent(prepared: Prepared) -> bytes:
    """The bytes that LAPOR gets: they are what the attachment says, and fit."""
    assert prepared.sent_as is not None, prepared.why
    content = prepared.sent_as.path.read_bytes()
    assert len(content) == prepared.sent_as.size <= 2 * 1024 * 1024
    assert hashlib.sha256(content).hexdigest() == prepared.sent_as.sha256
    assert SECRET.encode() not in content
    return content


def shown(prepared: Prepared) -> Image.Image:
    """The picture that LAPOR gets: pixels and nothing else."""
    image = Image.open(io.BytesIO(sent(prepared)))
    image.load()
    assert prepared.sent_as is not None
    assert prepared.sent_as.media_type == f"image/{(image.format or '').lower()}"
    assert set(image.info) <= {"jfif", "jfif_version", "jfif_unit", "jfif_density"}
    assert not image.getexif()
    return image


def read(prepared: Prepared) -> PdfReader:
    """The document that LAPOR gets."""
    reader = PdfReader(io.BytesIO(sent(prepared)))
    assert not reader.metadata
    return reader


def near(image: Image.Image, at: tuple[int, int], colour: Sequence[int], within: int = 40) -> bool:
    """Whether the pixel has about this colour."""
    pixel: Any = image.convert("RGB").getpixel(at)
    return all(abs(a - b) <= within for a, b in zip(pixel, colour, strict=True))


def marked(width: int, height: int, mode: str = "RGB") -> Image.Image:
    """A green picture whose upper left quarter is red."""
    image = Image.new("RGB", (width, height), GREEN)
    image.paste(RED, (0, 0, width // 2, height // 2))
    return image.convert(mode)


def noise(width: int, height: int, seed: int = 1) -> Image.Image:
    """What does not compress, as a photo of leaves."""
    return Image.frombytes("RGB", (width, height), random.Random(seed).randbytes(width * height * 3))


def saved(image: Image.Image, kind: str, **options: Any) -> bytes:
    """The picture as a file."""
    file = io.BytesIO()
    image.save(file, kind, **options)
    return file.getvalue()


def exif(
    orientation: int = 1, latitude: tuple[float, ...] = (6, 10, 30), longitude: tuple[float, ...] = (106, 49, 12)
) -> Image.Exif:
    """What a phone writes: who, where (south and east), and which side is up."""
    tags = Image.Exif()
    tags[ExifTags.Base.Orientation] = orientation
    tags[ExifTags.Base.Artist] = SECRET
    tags.get_ifd(ExifTags.IFD.GPSInfo).update({1: "S", 2: latitude, 3: "E", 4: longitude})
    return tags


def photo(width: int = 400, height: int = 300, orientation: int = 1) -> bytes:
    """A JPEG from a phone, with all that it tells beside the picture."""
    return saved(marked(width, height), "JPEG", exif=exif(orientation), comment=SECRET.encode(), quality=90)


def screenshot(mode: str = "RGB", size: tuple[int, int] = (300, 200)) -> bytes:
    """A PNG with text chunks."""
    told = PngImagePlugin.PngInfo()
    told.add_text("Author", SECRET)
    told.add_itxt("XML:com.adobe.xmp", SECRET)
    return saved(marked(*size, mode=mode), "PNG", pnginfo=told)


def chunk(name: bytes, content: bytes) -> bytes:
    """One chunk of a PNG."""
    return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))


def bomb(side: int = 32_000) -> bytes:
    """A PNG of a megabyte whose pixels need a gigabyte."""
    # Row after row of zeros is the same block again; only the checksum at the end counts them.
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    row = packer.compress(bytes(side + 1)) + packer.flush(zlib.Z_FULL_FLUSH)
    length = side * (side + 1)
    rows = b"\x78\xda" + row * side + b"\x03\x00" + struct.pack(">HH", length % 65521, 1)
    header = struct.pack(">IIBBBBB", side, side, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


def srgb() -> bytes:
    """An ICC profile."""
    return ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()


def fax(pages: int = 3) -> bytes:
    """A TIFF of numbered pages."""
    sheets = []
    for number in range(pages):
        sheet = Image.new("1", (850, 1100), 1)
        ImageDraw.Draw(sheet).rectangle((100, 100, 200 + 100 * number, 300), fill=0)
        sheets.append(sheet)
    return saved(sheets[0], "TIFF", save_all=True, append_images=sheets[1:], compression="group4")


def paper(*pages: Image.Image, **options: Any) -> PdfWriter:
    """A PDF of pictures, without an author."""
    first, *rest = pages or (marked(200, 300),)
    writer = PdfWriter(clone_from=io.BytesIO(saved(first, "PDF", save_all=True, append_images=rest, **options)))
    writer.metadata = None
    return writer


def written(writer: PdfWriter) -> bytes:
    """The PDF as a file."""
    file = io.BytesIO()
    writer.write(file)
    return file.getvalue()


def action(kind: str, **entries: str) -> DictionaryObject:
    """A PDF's action."""
    made = DictionaryObject({NameObject("/S"): NameObject(kind)})
    made.update({NameObject(f"/{name}"): TextStringObject(text) for name, text in entries.items()})
    return made


def armed() -> bytes:
    """A PDF with scripts in every corner, an embedded program, XFA, XMP and an author."""
    writer = paper()
    writer.add_metadata({"/Author": SECRET, "/Title": "Pengaduan"})
    writer.add_attachment("jahat.exe", b"MZ" + SECRET.encode())
    root = writer.root_object
    root[NameObject("/OpenAction")] = action("/JavaScript", JS="app.alert(1)")
    root[NameObject("/AA")] = DictionaryObject({NameObject("/WC"): action("/JavaScript", JS="app.alert(2)")})
    root[NameObject("/AcroForm")] = DictionaryObject({NameObject("/XFA"): TextStringObject("<xdp/>")})
    told = StreamObject()
    told.set_data(SECRET.encode())
    root[NameObject("/Metadata")] = writer.get_reference(writer._add_object(told).get_object())
    link = DictionaryObject({NameObject("/Type"): NameObject("/Annot"), NameObject("/Subtype"): NameObject("/Link")})
    link[NameObject("/A")] = action("/Launch", F="cmd.exe")
    clip = DictionaryObject({NameObject("/Subtype"): NameObject("/FileAttachment"), NameObject("/Rect"): ArrayObject()})
    writer.pages[0][NameObject("/Annots")] = ArrayObject([writer._add_object(link), writer._add_object(clip)])
    return written(writer)
