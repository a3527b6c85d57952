"""Does LAPOR get pictures that can be looked at and tell nothing but what they show?"""

from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image
from PIL.TiffImagePlugin import IFDRational

from gateway.attachments.prepare import prepare
from tests.attachments.samples import (
    BLUE,
    GREEN,
    RED,
    bomb,
    exif,
    fax,
    given,
    marked,
    near,
    noise,
    one,
    photo,
    read,
    saved,
    screenshot,
    sent,
    shown,
    srgb,
)

HERE = (-6.175, 106.82)


def test_a_phones_photo_arrives_upright_small_and_without_its_past(tmp_path: Path) -> None:
    prepared = one(tmp_path, "IMG_0001.JPG", photo(4000, 3000, orientation=6))
    image = shown(prepared)
    assert image.size == (1920, 2560)
    # Turned to the right: what was at the upper left is at the upper right.
    assert near(image, (1800, 100), RED)
    assert near(image, (100, 100), GREEN)
    assert prepared.position == pytest.approx(HERE)
    assert (prepared.why, prepared.decoration) == ("", False)
    assert prepared.sent_as is not None
    assert (prepared.sent_as.name, prepared.sent_as.media_type) == ("IMG_0001.jpg", "image/jpeg")


@pytest.mark.parametrize(
    ("orientation", "corner"),
    [(1, (0, 0)), (2, (1, 0)), (3, (1, 1)), (4, (0, 1)), (5, (0, 0)), (6, (1, 0)), (7, (1, 1)), (8, (0, 1))],
)
def test_every_orientation_is_set_upright(tmp_path: Path, orientation: int, corner: tuple[int, int]) -> None:
    image = shown(one(tmp_path, "foto.jpg", photo(400, 300, orientation)))
    assert image.size == ((400, 300) if orientation < 5 else (300, 400))
    spots = [
        (x, y)
        for x in (0, 1)
        for y in (0, 1)
        if near(image, (50 + x * (image.width - 100), 50 + y * (image.height - 100)), RED)
    ]
    assert spots == [corner]


@pytest.mark.parametrize(
    ("latitude", "longitude", "told"),
    [
        ((6, 10, 30), (106, 49, 12), HERE),
        ((0, 0, 0), (0, 0, 0), None),
        ((95, 0, 0), (106, 49, 12), None),
        ((6, 75, 0), (106, 49, 12), None),
        ((6, 10, IFDRational(1, 0)), (106, 49, 12), None),
        ((6, 10), (106, 49, 12), None),
    ],
)
def test_only_a_place_that_can_be_true_is_told(
    tmp_path: Path, latitude: tuple[float, ...], longitude: tuple[float, ...], told: tuple[float, float] | None
) -> None:
    content = saved(marked(200, 200), "JPEG", exif=exif(1, latitude, longitude))
    prepared = one(tmp_path, "foto.jpg", content)
    assert prepared.position == (told and pytest.approx(told))
    shown(prepared)


@pytest.mark.parametrize("kind", ["HEIF", "WEBP", "AVIF", "JPEG"])
def test_what_phones_write_arrives_as_jpeg(tmp_path: Path, kind: str) -> None:
    prepared = one(tmp_path, "IMG_2.heic", saved(marked(400, 300), kind, exif=exif()))
    image = shown(prepared)
    assert (image.format, image.size) == ("JPEG", (400, 300))
    assert near(image, (100, 70), RED)
    assert near(image, (300, 220), GREEN)
    assert prepared.position == pytest.approx(HERE)
    assert prepared.sent_as is not None
    assert prepared.sent_as.name == "IMG_2.jpg"


@pytest.mark.parametrize("mode", ["RGB", "RGBA", "P", "L", "1", "LA", "I;16"])
def test_a_screenshot_stays_a_png_of_pixels(tmp_path: Path, mode: str) -> None:
    source = Image.new("I;16", (300, 200), 40_000) if mode == "I;16" else None
    image = shown(one(tmp_path, "layar.png", saved(source, "PNG") if source else screenshot(mode)))
    assert (image.format, image.size) == ("PNG", (300, 200))
    assert image.mode in {"L", "RGB", "RGBA"}
    if source:
        assert near(image, (10, 10), (156, 156, 156), 2)
    elif mode in {"RGB", "RGBA", "P"}:
        assert near(image, (10, 10), RED)


def test_a_large_screenshot_with_alpha_becomes_a_photo_on_white(tmp_path: Path) -> None:
    image = noise(1400, 1400).convert("RGBA")
    image.paste((0, 0, 0, 0), (0, 0, 700, 700))
    arrived = shown(one(tmp_path, "layar.png", saved(image, "PNG", compress_level=1)))
    assert arrived.format == "JPEG"
    assert near(arrived, (arrived.width // 8, arrived.height // 8), (255, 255, 255), 8)


def test_noise_of_many_pixels_fits_too(tmp_path: Path) -> None:
    assert shown(one(tmp_path, "daun.jpg", saved(noise(3000, 2200), "JPEG", quality=95))).format == "JPEG"


def test_print_colours_become_screen_colours(tmp_path: Path) -> None:
    content = saved(marked(400, 300, "CMYK"), "JPEG")
    image = shown(one(tmp_path, "cetak.jpg", content))
    assert image.mode == "RGB"
    assert near(image, (50, 50), RED)
    assert near(image, (350, 250), GREEN)


@pytest.mark.parametrize("profile", [srgb(), b"no profile"])
def test_a_profile_is_applied_or_left(tmp_path: Path, profile: bytes) -> None:
    content = saved(marked(400, 300), "JPEG", icc_profile=profile)
    assert near(shown(one(tmp_path, "foto.jpg", content)), (50, 50), RED)


def test_of_an_animation_the_first_picture_arrives(tmp_path: Path) -> None:
    frames = [Image.new("RGB", (90, 90), colour) for colour in (BLUE, RED, GREEN)]
    for kind, name in (("GIF", "lucu.gif"), ("WEBP", "lucu.webp")):
        image = shown(one(tmp_path, name, saved(frames[0], kind, save_all=True, append_images=frames[1:])))
        assert getattr(image, "n_frames", 1) == 1
        assert near(image, (45, 45), BLUE)


def test_a_bitmap_arrives_as_png(tmp_path: Path) -> None:
    image = shown(one(tmp_path, "gambar.bmp", saved(marked(300, 200), "BMP")))
    assert image.format == "PNG"
    assert near(image, (10, 10), RED)


def test_all_pages_of_a_fax_arrive_as_one_pdf(tmp_path: Path) -> None:
    prepared = one(tmp_path, "surat.tif", fax(3))
    reader = read(prepared)
    assert prepared.sent_as is not None
    assert prepared.sent_as.name == "surat.pdf"
    assert len(reader.pages) == 3
    dark = [page.images[0].image.convert("L").resize((1, 1)).getpixel((0, 0)) for page in reader.pages]  # type: ignore[union-attr]
    assert dark == sorted(dark, reverse=True)
    assert len(set(dark)) == 3
    assert [round(float(page.mediabox.height)) for page in reader.pages] == [842] * 3


def test_a_gigabyte_of_pixels_is_refused_unseen(tmp_path: Path) -> None:
    content = bomb()
    assert len(content) < 2 * 1024 * 1024
    assert one(tmp_path, "foto.png", content).why == "attachment_too_large"


@pytest.mark.parametrize("kind", ["JPEG", "PNG"])
def test_of_a_photo_cut_off_the_rest_arrives(tmp_path: Path, kind: str) -> None:
    content = saved(noise(600, 600), kind)
    prepared = one(tmp_path, "foto.jpg", content[: len(content) * 2 // 3])
    assert prepared.why == "attachment_truncated"
    assert shown(prepared).size == (600, 600)


@pytest.mark.parametrize("kept", [0.02, 0.1])
def test_a_photo_of_which_next_to_nothing_is_left_is_not_sent(tmp_path: Path, kept: float) -> None:
    content = saved(noise(600, 600), "JPEG")
    prepared = one(tmp_path, "foto.jpg", content[: int(len(content) * kept)])
    assert (prepared.sent_as, prepared.why) == (None, "attachment_unreadable")


def test_nothing_behind_the_picture_survives(tmp_path: Path) -> None:
    zipped = b"PK\x03\x04 Siti Pelapor PK\x05\x06"
    prepared = one(tmp_path, "foto.jpg", photo() + zipped)
    assert b"PK\x03\x04" not in sent(prepared)
    shown(prepared)


@pytest.mark.parametrize("side", [1, 64, 65])
def test_a_logo_is_told_from_evidence(tmp_path: Path, side: int) -> None:
    prepared = one(tmp_path, "logo.png", saved(marked(side, side), "PNG"))
    assert prepared.decoration is (side <= 64)
    shown(prepared)


@pytest.mark.parametrize("name", ["foto.png", "foto.pdf", "foto.bin", "foto", "foto.jpeg"])
def test_the_suffix_is_that_of_the_content(tmp_path: Path, name: str) -> None:
    prepared = one(tmp_path, name, photo())
    assert prepared.sent_as is not None
    assert prepared.sent_as.name == "foto.jpg"


def test_equal_photos_arrive_as_equal_files(tmp_path: Path) -> None:
    first, second = (
        prepare(folder, [given(folder, "foto.jpg", photo())])[0] for folder in (tmp_path / "a", tmp_path / "b")
    )
    assert sent(first) == sent(second)
