"""The icons of the site: one stroke, 20 × 20, in the colour of the text beside it. Purely decorative."""

import functools

from markupsafe import Markup

_SHAPES = {
    "phone": (
        '<path d="M6.2 3.3 4 4.4c-.6.3-.9 1-.8 1.7.9 5.3 5.4 9.8 10.7 10.7.7.1 1.4-.2 '
        '1.7-.8l1.1-2.2-3.6-2.3-1.7 1.5c-1.9-1-3.4-2.5-4.4-4.4l1.5-1.7z"/>'
    ),
    "alert": '<path d="M10 3.2 17.4 16H2.6z"/><path d="M10 8.2v3.6M10 14v.1"/>',
    "people": (
        '<circle cx="7.5" cy="7" r="2.8"/><path d="M2.5 16.2c.4-2.8 2.4-4.4 5-4.4s4.6 1.6 5 4.4M13 '
        '4.6a2.6 2.6 0 0 1 0 4.9M14.8 12.2c1.5.6 2.4 2 2.7 4"/>'
    ),
    "shield": (
        '<path d="M10 2.8 16 5v4.6c0 3.7-2.4 6.4-6 7.6-3.6-1.2-6-3.9-6-7.6V5z"/><path d="m7.4 9.9 1.9 '
        '1.9 3.5-3.7"/>'
    ),
    "home": '<path d="M3.5 9 10 3.5 16.5 9v7.5h-4.3v-4.3H7.8v4.3H3.5z"/>',
    "key": '<circle cx="7" cy="12.8" r="3.3"/><path d="m9.4 10.4 6.4-6.4M13.3 6.5l2.2 2.2"/>',
    "menu": '<path d="M3.5 6h13M3.5 10h13M3.5 14h13"/>',
    "screen": '<rect x="2.8" y="4" width="14.4" height="9.5" rx="1.2"/><path d="M7 16.5h6"/>',
    "leave": '<path d="M12 6V3.5H4v13h8V14M8 10h9M14.5 7.4 17 10l-2.5 2.6"/>',
    "plus": '<path d="M10 4v12M4 10h12"/>',
    "search": '<circle cx="9" cy="9" r="5"/><path d="m13 13 3.8 3.8"/>',
    "up": '<path d="m5 12 5-5 5 5"/>',
    "down": '<path d="m5 8 5 5 5-5"/>',
    "left": '<path d="m12 5-5 5 5 5"/>',
    "right": '<path d="m8 5 5 5-5 5"/>',
    "check": '<path d="m4.5 10.5 3.6 3.6 7.4-8"/>',
    "cross": '<path d="m5 5 10 10M15 5 5 15"/>',
    "info": '<circle cx="10" cy="10" r="7"/><path d="M10 9.2v4.3M10 6.5v.1"/>',
    "lock": '<rect x="4.5" y="9" width="11" height="7.5" rx="1.5"/><path d="M7 9V6.5a3 3 0 0 1 6 0V9"/>',
    "chart": '<path d="M3.5 16.5h13M6 13.5v-4M10 13.5v-8M14 13.5v-5.5"/>',
    "globe": (
        '<circle cx="10" cy="10" r="7"/><path d="M3 10h14M10 3c2.2 2 3.2 4.3 3.2 7S12.2 15 10 '
        '17c-2.2-2-3.2-4.3-3.2-7S7.8 5 10 3z"/>'
    ),
    "play": '<path d="M6.5 4.2v11.6L16 10z"/>',
    "download": '<path d="M10 3.5v9M6.2 9 10 12.8 13.8 9M4 16.5h12"/>',
    "ear": (
        '<path d="M6 8a4 4 0 1 1 7.3 2.3c-.9 1.2-1.8 1.7-1.8 3.2a2.2 2.2 0 0 1-4 1.2"/>'
        '<path d="M8.3 8a1.7 1.7 0 1 1 2.7 1.4c-.7.5-1 .9-1 1.6"/>'
    ),
    "eye": (
        '<path d="M2.5 10S5.2 5 10 5s7.5 5 7.5 5-2.7 5-7.5 5-7.5-5-7.5-5z"/><circle cx="10" cy="10" r="2.3"/>'
    ),
    "pulse": '<path d="M2.5 10.5h3.4l2-5.5 3.6 10 2.2-6 1 1.5h2.8"/>',
    "building": (
        '<path d="M4 16.8V4.2l7-1.6v14.2M11 7.5l5 1.2v8.1M2.5 16.8h15"/><path d="M6.6 6.6h1.8M6.6 9.6h1.8M6.6 '
        '12.6h1.8M13.3 11h.6M13.3 13.8h.6"/>'
    ),
    "desk": '<path d="M2.5 11h15M4 11v5.5M16 11v5.5M6.5 11V6.5h7V11"/><path d="M8.5 8.7h3"/>',
    "seal": (
        '<circle cx="10" cy="8.2" r="4.8"/><path d="m8.2 8.2 1.3 1.3 2.4-2.6M7 12.2l-1.2 4.9 '
        '4.2-2 4.2 2-1.2-4.9"/>'
    ),
    "dice": (
        '<rect x="3.5" y="3.5" width="13" height="13" rx="2.5"/>'
        '<path d="M7 7v.1M13 7v.1M10 10v.1M7 13v.1M13 13v.1"/>'
    ),
    "disk": (
        '<rect x="3" y="11" width="14" height="5.5" rx="1.2"/>'
        '<path d="M3 12.5 5.2 4.5h9.6l2.2 8M13.8 13.8h.6M11 13.8h.6"/>'
    ),
    "headset": (
        '<path d="M4 12V9.5a6 6 0 0 1 12 0V12M4 11.5h2.2v4.2H5.4A1.4 1.4 0 0 1 4 14.3zM16 '
        '11.5h-2.2v4.2h.8a1.4 1.4 0 0 0 1.4-1.4z"/><path d="M14.4 15.7c0 1-1.3 1.6-3 1.6"/>'
    ),
    "star": '<path d="m10 3 2.1 4.4 4.9.6-3.6 3.3 1 4.8L10 13.7l-4.4 2.4 1-4.8L3 8l4.9-.6z"/>',
    "book": '<path d="M4 4.5c2-.9 4-.9 6 .3 2-1.2 4-1.2 6-.3v11c-2-.9-4-.9-6 .3-2-1.2-4-1.2-6-.3zM10 4.8v11"/>',
    "scales": (
        '<path d="M10 3v13.5M6.5 16.5h7M4 5.5h12M4 5.5 2.3 10.5h3.4zM16 5.5l-1.7 5h3.4z"/><path d="M2.3 10.5a1.7 '
        '1.7 0 0 0 3.4 0M14.3 10.5a1.7 1.7 0 0 0 3.4 0"/>'
    ),
    "archive": '<rect x="3" y="4" width="14" height="4" rx="1"/><path d="M4.2 8v8.5h11.6V8M8 11h4"/>',
    "letter": '<rect x="2.8" y="4.8" width="14.4" height="10.6" rx="1.2"/><path d="m3.4 6 6.6 5 6.6-5"/>',
    "calendar": (
        '<rect x="3" y="4.5" width="14" height="12" rx="1.5"/><path d="M3 8.5h14M7 2.8v3M13 2.8v3M7 12h.1M10 '
        '12h.1M13 12h.1"/>'
    ),
    "flag": '<path d="M5 17V3.5M5 4h9.5l-2 3.2 2 3.3H5"/>',
    "repair": (
        '<path d="M12.8 3.4a4 4 0 0 0-4.9 5.2L3.3 13.2a1.9 1.9 0 0 0 2.7 2.7l4.6-4.6a4 4 0 0 0 '
        '5.2-4.9l-2.4 2.4-2.3-.6-.6-2.3z"/>'
    ),
    "dot": '<circle cx="10" cy="10" r="2.5"/>',
}


def icon(name: str) -> Markup:
    """The icon of that name; a dot for a name that is not known."""
    return _drawn(name if name in _SHAPES else "dot")


@functools.cache
def _drawn(name: str) -> Markup:
    shape = _SHAPES[name]
    return Markup('<svg class="icon" viewBox="0 0 20 20" aria-hidden="true" focusable="false">{}</svg>').format(
        Markup(shape)  # noqa: S704 - one of the shapes above
    )
