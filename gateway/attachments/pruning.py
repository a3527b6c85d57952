"""What in a PDF acts, hides or tells who wrote it? Those entries are taken out (ISO 32000-1, 7.11.4, 12.6, 14.3)."""

from __future__ import annotations

from pypdf import PdfReader
from pypdf.generic import ArrayObject, DictionaryObject, PdfObject, StreamObject

from gateway.attachments.objects import below, reachable
from gateway.attachments.segments import without_metadata

_ACTIVE = {"/OpenAction", "/AA", "/JavaScript", "/JS", "/XFA", "/RichMediaContent", "/RichMediaSettings"}
_EMBEDDED = {"/EmbeddedFiles", "/EF", "/AF", "/Collection"}
_TELLING = {"/Metadata", "/PieceInfo"}
_ENTRIES = _ACTIVE | _EMBEDDED | _TELLING
_ACTIONS = {
    *("/JavaScript", "/Launch", "/SubmitForm", "/ImportData", "/GoToE", "/GoToR", "/Rendition", "/Movie", "/Sound"),
    *("/RichMediaExecute", "/GoTo3DView", "/Trans"),
}
_ANNOTATIONS = {"/RichMedia", "/Screen", "/3D", "/Movie", "/Sound", "/FileAttachment"}
_JPEG = ("/DCTDecode", ["/DCTDecode"])


def prune(reader: PdfReader) -> int:
    """Take it all out of the document as the reader holds it; how much there was.

    An author's note (`/Info`) counts; whoever rewrites the document leaves it behind.
    """
    found = 1 if reader.trailer.get("/Info") is not None and reader.metadata else 0
    return found + sum(_pruned(thing) for thing in reachable(reader.root_object))


def _pruned(thing: PdfObject) -> int:
    if isinstance(thing, DictionaryObject):
        return _pruned_entries(thing)
    return _pruned_annotations(thing) if isinstance(thing, ArrayObject) else 0


def _pruned_entries(thing: DictionaryObject) -> int:
    if thing.get("/S") in _ACTIONS and thing.get("/Type", "/Action") == "/Action":
        thing.clear()
        return 1
    found = [key for key in thing if key in _ENTRIES]
    for key in found:
        del thing[key]
    return len(found) + (_pruned_photo(thing) if isinstance(thing, StreamObject) else 0)


def _pruned_annotations(things: ArrayObject) -> int:
    kept = [thing for thing in below(things) if not _bad_annotation(thing)]
    gone = len(things) - len(kept)
    if gone:
        things[:] = kept
    return gone


def _bad_annotation(thing: PdfObject) -> bool:
    whole = thing.get_object()
    return isinstance(whole, DictionaryObject) and whole.get("/Subtype") in _ANNOTATIONS and "/Rect" in whole


def _pruned_photo(stream: StreamObject) -> int:
    """A photo within a page has brought its own EXIF along: who took it where."""
    if stream.get("/Subtype") != "/Image" or stream.get("/Filter") not in _JPEG:
        return 0
    # The base class's own pair handles the bytes as they stand in the file.
    raw = StreamObject.get_data(stream)
    bare = without_metadata(raw)
    if len(bare) == len(raw):
        return 0
    StreamObject.set_data(stream, bare)
    return 1
