"""Made paper: photographs of written digits, made by code, where there are no real ones to measure with.

    digits.py    the writing: strokes of a pen, or skeletons traced from MNIST's validation digits
    sheet.py     one seeded photograph: light, lines, ink, camera, within the ranges below
    strings.py   where the digits of a postcode, a phone number, form boxes or a column stand
    __main__.py  accuracy by condition, strings read in full, and the contact sheet

Ranges: paper 90 to 235 grey, a gradient of up to 90 across it, a shadow edge of up to 70; ink 40 to 120 darker than its
paper, drawn with pens of 1.5 to 8 % of the digit's height; ruled or squared lines a third to two thirds as dark as the
ink; blur of up to 2 % of the digit's height; noise of standard deviation up to 12; JPEG quality 40 to 95; rotation up
to 12 degrees; the digit 15 to 90 % of the picture's height, anywhere in it; up to 12 specks. A test holds them.
"""
