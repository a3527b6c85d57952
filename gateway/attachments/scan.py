"""What becomes of a scan of several pages in one TIFF? A PDF of all of them. Runs in the child."""

from __future__ import annotations

import io

from PIL import Image, ImageSequence
from pypdf import PdfReader, PdfWriter

from gateway.attachments.colours import bare, opaque, plain, screen
from gateway.attachments.limits import LARGEST, PAGES, PIXELS
from gateway.attachments.made import BROKEN, Made, Refused

_STEPS = ((3508, 80), (2339, 70), (1754, 60), (1403, 50), (1169, 40))
"""Pixels of a page's longest side and JPEG quality: A4 at 300, 200, 150, 120 and 100 dpi."""
_LONGEST_INCHES = 11.69
"""The long side of A4."""


def pages(image: Image.Image) -> Made:
    """All pages, as sharp as fits. Raises Refused."""
    if getattr(image, "n_frames", 1) > PAGES:
        raise Refused("attachment_too_large")
    for side, quality in _STEPS:
        content, why = _bound(image, side, quality)
        if len(content) <= LARGEST:
            return Made(content, "application/pdf", why)
    raise Refused("attachment_too_large")


def _bound(image: Image.Image, side: int, quality: int) -> tuple[bytes, str]:
    """The pages as one PDF; those behind a damaged one are lost."""
    writer = PdfWriter()
    why = ""
    frames = ImageSequence.Iterator(image)
    while True:
        try:
            writer.append(PdfReader(_page(next(frames), side, quality)))
        except StopIteration:
            break
        except BROKEN:
            if not writer.pages:
                raise
            why = "attachment_truncated"
            break
    writer.metadata = None
    file = io.BytesIO()
    writer.write(file)
    return file.getvalue(), why


def _page(frame: Image.Image, side: int, quality: int) -> io.BytesIO:
    if frame.width * frame.height > PIXELS:
        raise Refused("attachment_too_large")
    profile = frame.info.get("icc_profile")
    page = frame.copy() if frame.mode == "1" and side == _STEPS[0][0] else opaque(screen(plain(frame), profile))
    page.thumbnail((side, side), Image.Resampling.LANCZOS)
    file = io.BytesIO()
    # Bilevel pages go as fax does, which has no quality.
    options = {} if page.mode == "1" else {"quality": quality}
    bare(page).save(file, "PDF", resolution=max(page.size) / _LONGEST_INCHES, **options)
    file.seek(0)
    return file
