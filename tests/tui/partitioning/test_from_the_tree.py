"""``P`` in the tree opens the editor on the node under the cursor."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.builders import make_container, make_vm
from tests.tui.screens import make_app, screen_text
from tui.screens.main import MainScreen
from tui.screens.partitioning.editor import PartitionScreen


async def test_p_opens_the_editor_with_the_vm_s_drives(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    (tmp_path / "user_partition_info.compute-0-0-0").write_text("clearpart --all\npart / --size=4000 --ondisk=hda\n")
    app = make_app(make_container("vm-container-0-0", [make_vm("compute-0-0-0", slice_no=0)]), folder=tmp_path)
    async with app.run_test(size=(120, 30)) as pilot:
        for _ in range(50):
            await pilot.pause(0.02)
            if "compute-0-0-0" in screen_text(app):
                break
        await pilot.press("j", "j", "P")
        for _ in range(100):
            await pilot.pause(0.02)
            if isinstance(app.screen, PartitionScreen) and app.screen.table.rows:
                break
        await pilot.pause()
        assert "Partitions  compute-0-0-0" in screen_text(app)
        assert "/dev/hda  33.5 GiB" in screen_text(app) and "/ 4000" in screen_text(app)
        await pilot.press("q")
        await pilot.pause(0.05)
        assert isinstance(app.screen, MainScreen)
