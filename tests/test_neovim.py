"""Neovim without a window: it shows the findings at their places, and what it saves is what `smtplint --fix` writes."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.invoke import put, smtplint
from tests.test_server import BAD, ROOT, concise

NVIM = shutil.which("nvim")

INIT = """
vim.o.fixendofline = false
local ready = false
local client = vim.lsp.start_client({
  name = "smtplint", cmd = { %(python)s, "-m", "smtplint", "server" }, root_dir = %(folder)s,
  workspace_folders = { { uri = vim.uri_from_fname(%(folder)s), name = "project" } },
  on_init = function() ready = true end,
})
vim.wait(60000, function() return ready end, 20)
local shown = {}
for _, name in ipairs(vim.fn.json_decode(%(names)s)) do
  vim.cmd("edit " .. vim.fn.fnameescape(%(folder)s .. "/" .. name))
  local buffer = vim.api.nvim_get_current_buf()
  vim.lsp.buf_attach_client(buffer, client)
  vim.wait(60000, function() return #vim.diagnostic.get(buffer) > 0 end, 20)
  shown[name] = {}
  for _, d in ipairs(vim.diagnostic.get(buffer)) do
    local line = vim.api.nvim_buf_get_lines(buffer, d.lnum, d.lnum + 1, false)[1]
    table.insert(shown[name], (d.lnum + 1) .. ":" .. (vim.str_utfindex(line, d.col) + 1) .. ": " .. d.code)
  end
  -- Fix all on save, as docs/editors.md has it.
  vim.api.nvim_create_autocmd("BufWritePre", { buffer = buffer, callback = function()
    local params = vim.lsp.util.make_range_params()
    params.range = { start = { line = 0, character = 0 }, ["end"] = { line = vim.api.nvim_buf_line_count(0), character = 0 } }
    params.context = { only = { "source.fixAll.smtplint" }, diagnostics = {} }
    local answers = vim.lsp.buf_request_sync(0, "textDocument/codeAction", params, 60000)
    for _, answer in pairs(answers or {}) do
      for _, action in ipairs(answer.result or {}) do
        vim.lsp.util.apply_workspace_edit(action.edit, vim.lsp.get_client_by_id(client).offset_encoding)
      end
    end
  end })
  vim.cmd("write")
end
vim.fn.writefile({ vim.fn.json_encode(shown) }, %(folder)s .. "/shown.json")
vim.lsp.stop_client(client)
vim.cmd("qall!")
"""


@pytest.mark.skipif(NVIM is None, reason="Neovim is not installed")
def test_it_opens_shows_and_saves(tmp_path: Path) -> None:
    folder = put(tmp_path.resolve(), BAD)
    expected = {name: concise(name, text, folder) for name, text in BAD.items()}
    fixed = {
        name: smtplint("-", "--stdin-filename", name, "--fix", folder=folder, stdin=text.encode()).stdout
        for name, text in BAD.items()
    }
    words = {"python": sys.executable, "folder": str(folder), "names": json.dumps(list(BAD))}
    script = put(tmp_path, {"init.lua": INIT % {name: json.dumps(word) for name, word in words.items()}}) / "init.lua"
    environment = os.environ | {
        "PYTHONPATH": str(ROOT),
        "HOME": str(tmp_path),
        "XDG_STATE_HOME": str(tmp_path),
        "LC_ALL": "C.UTF-8",
    }
    run = subprocess.run(
        [str(NVIM), "--clean", "--headless", "-n", "-i", "NONE", "-c", f"luafile {script}", "-c", "qall!"],
        capture_output=True,
        text=True,
        cwd=folder,
        env=environment,
        timeout=300,
        check=False,
    )
    assert (folder / "shown.json").exists(), run.stderr
    shown = json.loads((folder / "shown.json").read_text("utf-8"))
    assert {name: sorted(lines) for name, lines in shown.items()} == expected
    assert {name: (folder / name).read_bytes().decode() for name in BAD} == fixed
