"""Draws assets/favicon.png: seven lanes of a week, one window marked. Run: python assets/make_favicon.py"""

from pathlib import Path

from PIL import Image, ImageDraw

SLATE, AMBER, SIDE = "#52606d", "#d9902f", 128

picture = Image.new("RGBA", (SIDE, SIDE), (0, 0, 0, 0))
draw = ImageDraw.Draw(picture)
for lane in range(7):
    top = 8 + lane * 16
    for column in range(12):
        height = 3 + (7 * lane + 5 * column) % 9 if 2 < column < 10 else 2
        left = 6 + column * 10
        draw.rectangle([left, top + 12 - height, left + 7, top + 12], fill=AMBER if (lane, column) in {(3, 5), (3, 6), (3, 7)} else SLATE)
picture.save(Path(__file__).with_name("favicon.png"))
