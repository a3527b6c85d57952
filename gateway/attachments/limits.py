"""How large may an attachment be, and how much may making it fit cost?"""

from __future__ import annotations

LARGEST = 2 * 1024 * 1024
"""Bytes of one file that LAPOR's form takes."""
LARGEST_ORIGINAL = 100_000_000
"""Bytes of a file that is opened at all."""
PIXELS = 120_000_000
"""Of one picture, told by its header: the largest phone cameras take 108 to 200 million, these bin them to 50."""
LONGEST_SIDE = 2560
"""Pixels of a picture that is sent: a number plate stays legible across a street."""
DECORATION_SIDE = 64
"""Pixels up to which a picture is a signature's logo and no evidence."""
PAGES = 500
"""Of one document."""
MEMORY_BYTES = 1_100_000_000
"""Address space of the process that decodes: a picture of the most pixels in 4 bytes each, once and a half."""
CPU_SECONDS = 40
"""For one file."""
SECONDS = 90
"""By the clock, for one file: other processes may want the processor too."""
START_SECONDS = 60
