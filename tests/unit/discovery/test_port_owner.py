"""What the systems' tools print, read."""

from __future__ import annotations

import os
import socket
import sys

import pytest

from proxy_core.discovery.port_owner import (
    find_port_owner,
    listening_inodes,
    lsof_answer,
    netstat_process,
    tasklist_name,
)

PROC_NET_TCP = """\
  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 0100007F:102D 00000000:0000 0A 00000000:00000000 00:00000000 00000000  1000        0 4242 1
   1: 0100007F:102D 0100007F:D2F0 01 00000000:00000000 00:00000000 00000000  1000        0 4343 1
   2: 00000000:0016 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 4444 1
"""
NETSTAT = """\

Aktive Verbindungen

  Proto  Lokale Adresse         Remoteadresse          Status           PID
  TCP    127.0.0.1:4141         0.0.0.0:0              ABHÖREN          5120
  TCP    127.0.0.1:4141         127.0.0.1:50000        HERGESTELLT      5121
  TCP    [::1]:14141            [::]:0                 ABHÖREN          5122
"""


def test_only_the_listening_socket_of_the_port_counts_on_linux() -> None:
    assert listening_inodes(PROC_NET_TCP, 4141) == {"4242"}
    assert listening_inodes(PROC_NET_TCP, 4142) == set()


def test_only_the_listening_line_of_the_port_counts_on_windows_in_any_language() -> None:
    assert netstat_process(NETSTAT, 4141) == "5120"
    assert netstat_process(NETSTAT, 141) is None


def test_the_programs_name_is_the_first_column_on_windows() -> None:
    assert tasklist_name('"My Server.exe","5120","Console","1","12.345 K"\r\n') == "My Server.exe"
    assert tasklist_name("INFORMATION: no tasks\r\n") is None
    assert tasklist_name("") is None


def test_lsof_says_process_and_command_on_a_mac() -> None:
    assert lsof_answer("p812\ncControlCe\nf10\n") == "ControlCe (process 812)"
    assert lsof_answer("") is None


@pytest.mark.skipif(sys.platform != "linux", reason="asks Linux")
async def test_the_owner_of_a_real_port_is_found() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        owner = await find_port_owner(taken.getsockname()[1])
    assert owner is not None
    assert owner.endswith(f"(process {os.getpid()})")


async def test_a_tool_that_is_not_there_is_no_answer_and_no_error() -> None:
    with socket.create_server(("127.0.0.1", 0)) as released:
        port = released.getsockname()[1]
    assert await find_port_owner(port, platform="no-such-system", seconds=2.0) in (None, "")
