"""swapper.py ROOT OUTSIDE - another process that keeps swapping folders, files and links below ROOT until its input ends.

In ROOT: "swap" is in turn a folder and a link to OUTSIDE, by an atomic exchange; "gap" the same by renames with a gap; "deep/way" the
same one level up from where requests go; "file.txt" is in turn a file and a link to OUTSIDE/file.txt. Prints the number of swaps.
"""

import ctypes
import os
import select
import sys

AT_FDCWD, EXCHANGE, SYS_RENAMEAT2 = -100, 2, {"x86_64": 316}.get(os.uname().machine, 276)
libc = ctypes.CDLL(None, use_errno=True)


def exchange(one, other):
    if libc.syscall(SYS_RENAMEAT2, AT_FDCWD, one.encode(), AT_FDCWD, other.encode(), EXCHANGE) != 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))


def main():
    root, outside = sys.argv[1:]
    os.chdir(root)
    os.makedirs("spare")
    pairs = [("swap", "spare/link-a"), ("deep/way", "spare/link-b"), ("file.txt", "spare/link-c")]
    os.symlink(outside, "spare/link-a")
    os.symlink("../../outside", "spare/link-b")
    os.symlink(outside + "/file.txt", "spare/link-c")
    os.symlink("../outside", "spare/link-gap")
    count, ready = 0, False
    while count % 2 or not select.select([sys.stdin], [], [], 0)[0]:
        for one, other in pairs:
            try:
                exchange(one, other)
            except FileNotFoundError:
                pass  # the server has just deleted one of them, as it was asked to
        if not count % 2:
            os.rename("gap", "spare/gap")
            os.rename("spare/link-gap", "gap")
        else:
            os.rename("gap", "spare/link-gap")
            os.rename("spare/gap", "gap")
        count += 1
        if not ready:
            print("ready", flush=True)
            ready = True
    print(count * (len(pairs) + 2), flush=True)


main()
