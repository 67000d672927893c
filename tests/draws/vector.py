"""The test vector of draw.md."""

from supervision.draws.rules import Entry

NAME = "office:07:2026-W47"
OFFICE_SHARE, HQ_SHARE, DICE = "11" * 32, "22" * 32, "3 6 1 1 5"
OFFICE_COMMITMENT = "57ac4dc710e69f86b782bff676b9029ad1de0403d1ecf53e02e3f48a0ca2aa01"
HQ_COMMITMENT = "6a5580aafe72851d5e721fc0a7d3024f441af49561e47225821df4b4548e0a53"
ROOT = "89998a864834af6c343285b53f2c6facf75fa5c176dd210df357d57b6a66f5b2"
SEED = "2cf0439dbb2c00b742c7ae799834a07a5c21646c4ac4982030907d970ecf10e8"
LIST = """
19581e27-de7c-4d00-8f1c-e50b2047e7a5 desk-officer-b
    febf169fd6baca7a31d2573368af71c2db2c7d92910f8a6db4c5f6af50b8cea8
2c624232-cdd2-4177-8294-dfbb310aca00 desk-officer-b
    025bfc1295c9d02d5641af29e6724b232f59ee51b35b8be1c99f5ba351d95990
4a44dc15-3642-44a8-8fe8-0e9039455cc1 desk-officer-b
    e3223aa5332622c053df92f503bd8ea13b27a8ab2d1b37564fe614e80c1c136d
4b227777-d4dd-4fc6-8c6f-884f48641d02 desk-officer-a
    -
4e074085-62be-4b8b-80ce-05c1decfe3ad desk-officer-a
    52576a156808b565d75502e3a1f4f9a13e89336e15885d1dee56113a1e395a9b
4fc82b26-aecb-47d2-868c-4efbe3581732 unknown
    6daab732be8f6122e27896c69561b3431118ad30cf579ce6abf2ce9d32ad5905
5feceb66-ffc8-4f38-8952-786c6d696c79 desk-officer-a
    6042b1761f3da714876a6e1bdba1756718ea1281d512e57bffd8c55d48472a32
6b86b273-ff34-4ce1-8d6b-804eff5a3f57 desk-officer-a
    2316537b5a1c061be3c3f441ac66876af2c79674abc5562db748b9c5531e8842
7902699b-e42c-4a8e-86fb-bb4501726517 desk-officer-b
    d8e5a26f3f85c85c9c9e51159c72c0bc88bad61b544136e322e26ec59eba4f15
d4735e3a-265e-46ee-803f-59718b9b5d03 desk-officer-a
    55b135cc72a8c848e2669207b3832ce049311242dcaef9fafde7de1e79a1725d
e7f6c011-776e-4db7-8d33-0b54174fd76f desk-officer-a
    5461c358bd5790bc75487802c86a69922389f8439c353166908d596552dd17bf
ef2d127d-e37b-442b-8ad0-6145e54b0c61 desk-officer-a
    5edb9f0c8c6261e7e8bb9eba121c0e0e9fb578c65d33aa8ad37b4a7b6dad859e
"""
DRAWN = """
1aebe7c28b0ebdec1e94ff05af942cf8987531ac5672d20e9049e9c431720a74
    2c624232-cdd2-4177-8294-dfbb310aca00 desk-officer-b
3a79366a620aed0fa8304ba922d6ebdda4794e0436424776a72b704062c3bcb4
    4b227777-d4dd-4fc6-8c6f-884f48641d02 desk-officer-a
59b38a279e9e8541b59e75447b38f7de4bd7662556e5e4d9cfbca7ed77e20a11
    d4735e3a-265e-46ee-803f-59718b9b5d03 desk-officer-a
d9099139b3636b49231888530f4c62c9cbf27c08e665e66e50897cf53986eaea
    4fc82b26-aecb-47d2-868c-4efbe3581732 unknown
"""


def threes(text: str) -> list[list[str]]:
    """The words of a table, three a row."""
    words = text.split()
    return [words[start : start + 3] for start in range(0, len(words), 3)]


ENTRIES = [Entry(*row) for row in threes(LIST)]
TICKETS = [" ".join(row) for row in threes(DRAWN)]
