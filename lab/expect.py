#!/usr/bin/env python3
"""Reads off a capture what tshark counts for one server.

usage: expect.py CAPTURE ADDRESS PORT       prints the JSON that stands in NAME.expected.json
       expect.py --again FOLDER             counts anew for each *.expected.json of the folder

The counters are tshark's own (made with 4.0.17), each by the display filter that carries its name
in Wireshark; nothing is corrected but one thing: ICMP errors are taken out first, because tshark
takes the TCP header that they quote for a segment and lets it change the state of the connection.
"""

import os
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

from netlab import expect  # noqa: E402

if __name__ == "__main__":
    sys.exit(expect.main(sys.argv[1:]))
