"""The texts travel with the package."""

from pathlib import Path

from hatchling.builders.wheel import WheelBuilder

ROOT = Path(__file__).resolve().parents[2]


def test_the_wheel_holds_every_file_of_the_small_web():
    packed = {Path(file.distribution_path) for file in WheelBuilder(str(ROOT)).recurse_included_files()}
    wanted = {f.relative_to(ROOT) for f in (ROOT / "pipeline/demo").rglob("*") if f.is_file() and f.suffix != ".pyc"}
    assert len(wanted) > 70
    assert wanted <= packed
