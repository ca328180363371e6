"""Where a source may lie: inside the folders set for sources, links followed, and nowhere else."""

from pathlib import Path

import pytest

from vigie_extractor.locations import LocationRefused, resolve
from vigie_extractor.settings import ExtractorSettings
from vigie_shared.settings import SettingsError, load


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "root" / "books").mkdir(parents=True)
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "root" / "file").write_text("")
    return tmp_path / "root"


def test_a_folder_inside_a_root_and_the_root_itself_are_taken(root: Path) -> None:
    assert resolve(str(root / "books"), (root,)) == root / "books"
    assert resolve(str(root), (root,)) == root


def test_a_root_that_is_itself_a_link_holds_what_is_in_it(root: Path, tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(root)
    assert resolve(str(tmp_path / "link" / "books"), (tmp_path / "link",)) == root / "books"


def test_what_lies_outside_is_refused_alike_whether_it_is_there_or_not(root: Path, tmp_path: Path) -> None:
    (root / "way-out").symlink_to(tmp_path / "elsewhere")
    refusals = set()
    for outside in (
        tmp_path / "elsewhere",
        tmp_path / "nowhere",
        root / ".." / "elsewhere",
        root / "way-out",
        Path(f"{root}-beside"),
    ):
        with pytest.raises(LocationRefused) as refusal:
            resolve(str(outside), (root,))
        refusals.add(str(refusal.value))
    assert len(refusals) == 1


@pytest.mark.parametrize("location", ["books", "", "file://books", "/no\0where"])
def test_what_is_no_full_path_is_refused(root: Path, location: str) -> None:
    with pytest.raises(LocationRefused, match="full path"):
        resolve(location, (root,))


@pytest.mark.parametrize("name", ["missing", "file"])
def test_what_is_no_folder_is_refused(root: Path, name: str) -> None:
    with pytest.raises(LocationRefused, match="no folder"):
        resolve(str(root / name), (root,))


def test_a_name_that_no_folder_can_have_is_refused(root: Path) -> None:
    with pytest.raises(LocationRefused, match="cannot be looked at"):
        resolve(str(root / ("n" * 300)), (root,))


def test_links_in_a_circle_are_refused(root: Path) -> None:
    (root / "a").symlink_to(root / "b")
    (root / "b").symlink_to(root / "a")
    with pytest.raises(LocationRefused):
        resolve(str(root / "a"), (root,))


def test_without_roots_any_folder_is_taken_on_loopback_and_none_elsewhere(tmp_path: Path) -> None:
    at_home = ExtractorSettings(host="127.0.0.1")
    outside = ExtractorSettings(host="192.0.2.1", allow_plaintext=True)
    assert resolve(str(tmp_path), at_home.folders_for_sources) == tmp_path
    with pytest.raises(LocationRefused, match="VIGIE_SOURCE_ROOTS"):
        resolve(str(tmp_path), outside.folders_for_sources)


def test_roots_are_written_like_path(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VIGIE_SOURCE_ROOTS", "/srv/books:/srv/exports")
    assert load(ExtractorSettings).folders_for_sources == (Path("/srv/books"), Path("/srv/exports"))


@pytest.mark.parametrize(
    ("name", "value"), [("VIGIE_SOURCE_ROOTS", "books"), ("VIGIE_TIME_ZONE", "Mars/Olympus"), ("VIGIE_TIME_ZONE", "/")]
)
def test_a_wrong_setting_is_named_with_an_example(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(SettingsError, match=f"{name}.*Example"):
        load(ExtractorSettings)
