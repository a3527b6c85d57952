"""Where was a photo taken? As the camera wrote it into EXIF's GPS part (CIPA DC-008, 4.6.6)."""

from __future__ import annotations

import math

from PIL import Image
from PIL.ExifTags import GPS, IFD

from gateway.attachments.made import BROKEN

_NOWHERE = 1e-3
"""Degrees around 0, 0, some hundred metres: cameras without a fix write zeros."""
_DIGITS = 6
"""Of a degree: 11 cm."""


def position(image: Image.Image) -> tuple[float, float] | None:
    """Latitude and longitude in degrees, WGS 84; None where there is none that can be true."""
    try:
        gps = image.getexif().get_ifd(IFD.GPSInfo)
        latitude = _degrees(gps[GPS.GPSLatitude], gps[GPS.GPSLatitudeRef], ("N", "S"), 90)
        longitude = _degrees(gps[GPS.GPSLongitude], gps[GPS.GPSLongitudeRef], ("E", "W"), 180)
    except BROKEN:
        return None
    return None if abs(latitude) < _NOWHERE and abs(longitude) < _NOWHERE else (latitude, longitude)


def _degrees(parts: object, side: object, sides: tuple[str, str], most: int) -> float:
    """Degrees, minutes and seconds as one number, south and west negative. Raises ValueError for what cannot be."""
    if not isinstance(parts, tuple) or not isinstance(side, str | bytes):
        raise TypeError
    degrees, minutes, seconds = (float(part) for part in parts)
    name = (side if isinstance(side, str) else side.decode("ascii")).strip("\x00 ").upper()
    whole = degrees + minutes / 60 + seconds / 3600
    if not math.isfinite(whole) or not 0 <= whole <= most or minutes >= 60 or seconds >= 60 or name not in sides:
        raise ValueError
    return round(-whole if name == sides[1] else whole, _DIGITS)
