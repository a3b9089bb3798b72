"""Everything that is wrong with a configuration, gathered, so that one run of ``config check`` shows all of it."""

from dataclasses import dataclass, field
from pathlib import Path

from pipeline.configuration.locate import Path as KeyPath
from pipeline.configuration.locate import line_of
from pipeline.errors import ConfigError


@dataclass(frozen=True, slots=True)
class Source:
    """Where a value came from: a file with its text, an environment variable, or the command line."""

    name: str
    text: str = ""

    @classmethod
    def of_file(cls, path: Path) -> "Source":
        """Reads ``path``; raises ConfigError if it cannot be read or is not UTF-8."""
        try:
            return cls(str(path), path.read_text(encoding="utf-8-sig"))
        except UnicodeDecodeError as error:
            raise ConfigError(f"{path}: expected UTF-8 text ({error.reason} at byte {error.start})") from error
        except OSError as error:
            raise ConfigError(f"{path}: {(error.strerror or str(error)).lower()}") from error

    def place(self, path: KeyPath) -> str:
        """``file:line`` where the key can be found, else the source's name."""
        line = line_of(self.text, path) if self.text else None
        return f"{self.name}:{line}" if line else self.name


@dataclass(slots=True)
class Problems:
    """One line each, in the order found."""

    lines: list[str] = field(default_factory=list)

    def add(self, source: Source, path: KeyPath, key: str, message: str) -> None:
        """``path`` finds the line, ``key`` is how the key is called to the reader (empty: none)."""
        named = f"{key}: {message}" if key else message
        self.lines.append(f"{source.place(path)}: {named}")

    def raise_if_any(self) -> None:
        if self.lines:
            raise ConfigError("\n".join(self.lines))
