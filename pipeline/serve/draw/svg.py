"""SVG as markup: elements, attributes, and numbers short enough to read."""

from collections.abc import Iterable

from markupsafe import Markup, escape


def element(name: str, *children: object, **attributes: object) -> Markup:
    """``class_`` is class, ``text_anchor`` is text-anchor; children and values are escaped unless they are markup."""
    given = Markup("").join(
        Markup(' {}="{}"').format(key.rstrip("_").replace("_", "-"), _value(value))
        for key, value in attributes.items()
        if value is not None
    )
    inner = Markup("").join(escape(child) for child in children)
    return Markup("<{0}{1}>{2}</{0}>").format(Markup(name), given, inner)  # noqa: S704  names are ours


def _value(value: object) -> str:
    return f"{value:.1f}".removesuffix(".0") if isinstance(value, float) else str(value)


def picture(label: str, width: float, height: float, children: Iterable[Markup], class_: str = "picture") -> Markup:
    """The whole picture; ``label`` is what it says to those who do not see it."""
    return element(
        "svg",
        element("title", label),
        *children,
        role="img",
        viewBox=f"0 0 {_value(float(width))} {_value(float(height))}",
        width=_value(float(width)),
        height=_value(float(height)),
        class_=class_,
    )


def short(text: str, longest: int) -> str:
    plain = " ".join(text.split())
    return plain if len(plain) <= longest else plain[: longest - 1].rstrip() + "…"
