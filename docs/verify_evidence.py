#!/usr/bin/env python3
"""Verifies what Havn's evidence logs hand out. Shares no code with Havn: docs/evidence.md is enough.

  verify_evidence.py EXPORT --key KEY [--kept CHECKPOINT]...    a whole log
  verify_evidence.py FILE.tlog-proof --key KEY                  one entry

KEY is the operator's key as text (of all its logs), or a file that holds it. Exit code 0: all is as it was signed; 1: not so.
"""
import argparse, hashlib, json, os, sys
from base64 import b64decode

class Fault(Exception): pass

# Ed25519 (RFC 8032 part 5.1): points of the curve in extended coordinates, verification only.
P, L = 2**255 - 19, 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, P - 2, P) % P

def point(data):
    y = int.from_bytes(data, "little")
    sign, y = y >> 255, y & (1 << 255) - 1
    square = (y * y - 1) * pow(D * y * y + 1, P - 2, P) % P
    x = pow(square, (P + 3) // 8, P)
    if (x * x - square) % P:
        x = x * pow(2, (P - 1) // 4, P) % P
    if y >= P or (x * x - square) % P or (x == 0 and sign):
        raise Fault("the key or the signature is no point of the curve")
    x = P - x if x & 1 != sign else x
    return x, y, 1, x * y % P

def add(p, q):
    a, b = (p[1] - p[0]) * (q[1] - q[0]) % P, (p[1] + p[0]) * (q[1] + q[0]) % P
    c, d = 2 * p[3] * q[3] * D % P, 2 * p[2] * q[2] % P
    e, f, g, h = b - a, d - c, d + c, b + a
    return e * f % P, g * h % P, f * g % P, e * h % P

def times(n, p):
    result = (0, 1, 1, 0)
    while n:
        result, p, n = add(result, p) if n & 1 else result, add(p, p), n >> 1
    return result

BASE = point((4 * pow(5, P - 2, P) % P).to_bytes(32, "little"))

def is_signed(key, text, signature):
    r, s = signature[:32], int.from_bytes(signature[32:], "little")
    if len(signature) != 64 or s >= L:
        return False
    k = int.from_bytes(hashlib.sha512(r + key + text).digest(), "little") % L
    left, right = times(s, BASE), add(point(r), times(k, point(key)))
    return all((left[i] * right[2] - right[i] * left[2]) % P == 0 for i in (0, 1))

def key_id(name, key): return hashlib.sha256(name.encode() + b"\n" + key).digest()[:4]
def open_checkpoint(note, vkey, of=None):
    """The log, size and root that a signed checkpoint gives: the key's own log, or one of its accounts."""
    operator, given, key = vkey.split("+", 2)
    key = b64decode(key, validate=True)
    if key[:1] != b"\x01" or len(key) != 33 or key_id(operator, key).hex() != given:
        raise Fault("the key cannot be read")
    text, _, signatures = note.partition("\n\n")
    lines = text.split("\n")
    if len(lines) < 3 or not note.endswith("\n") or not lines[1].isdigit() or str(int(lines[1])) != lines[1]:
        raise Fault("the checkpoint cannot be read")
    is_an_accounts = operator.endswith("/log") and lines[0].startswith(operator[:-3] + "accounts/")
    if lines[0] != (of or operator) and (of or not is_an_accounts):
        raise Fault(f"the checkpoint is one of another log: {lines[0]}")
    for line in signatures.splitlines():
        name, _, signature = line.removeprefix("\u2014 ").partition(" ")
        signature = b64decode(signature, validate=True)
        if name == lines[0] and signature[:4] == key_id(name, key):
            if is_signed(key[1:], (text + "\n").encode(), signature[4:]):
                return name, int(lines[1]), b64decode(lines[2], validate=True)
            raise Fault("the checkpoint is not what was signed")
    raise Fault("the checkpoint is not signed by this key")

# The tree (RFC 6962 part 2.1).
def leaf(entry): return hashlib.sha256(b"\0" + entry).digest()
def node(left, right): return hashlib.sha256(b"\1" + left + right).digest()

def roots(entries, sizes):
    """The root hash of the log at each of these sizes."""
    found, peaks = {}, []
    for count in range(len(entries) + 1):
        if count in sizes:
            root = peaks[-1][1] if peaks else hashlib.sha256(b"").digest()
            for _, peak in reversed(peaks[:-1]):
                root = node(peak, root)
            found[count] = root
        if count < len(entries):
            width, top = 1, leaf(entries[count])
            while peaks and peaks[-1][0] == width:
                width, top = 2 * width, node(peaks.pop()[1], top)
            peaks.append((width, top))
    return found

def verify_log(data, vkey, kept):
    end = data.index(b"\n\n", data.index(b"\n\n") + 2) + 1
    origin, size, root = open_checkpoint(data[:end].decode(), vkey)
    entries = data[end + 1:].split(b"\n")[:-1]
    kept = [open_checkpoint(note, vkey, origin)[1:] for note in kept]
    if any(before > size for before, _ in kept):
        raise Fault("the log was rolled back, or an old checkpoint is shown again")
    for place, entry in enumerate(entries):
        if json.loads(entry).get("number") != place:
            raise Fault(f"entry {place} is not where it must be: one was removed, inserted or moved")
    if len(entries) != size:
        raise Fault(f"{size} entries were signed and {len(entries)} are there")
    found = roots(entries, {size} | {before for before, _ in kept})
    if found[size] != root:
        raise Fault("an entry was altered")
    if any(found[before] != old for before, old in kept):
        raise Fault("the log was forked: it did not begin as the checkpoint that was kept says")
    return f"{size} entries are as they were signed: {origin}"

def verify_proof(text, vkey):
    head, _, note = text.partition("\n\n")
    lines = head.split("\n")
    origin, size, root = open_checkpoint(note, vkey)
    entry = b64decode(lines[1].removeprefix("extra "), validate=True)
    number, proof = int(lines[2].removeprefix("index ")), [b64decode(x, validate=True) for x in lines[3:]]
    place, last, top = number, size - 1, leaf(entry)
    for other in proof:  # RFC 9162 part 2.1.3.2
        if last == 0:
            raise Fault("the proof is longer than the tree is high")
        if place & 1 or place == last:
            top = node(other, top)
            while not place & 1 and place:
                place, last = place >> 1, last >> 1
        else:
            top = node(top, other)
        place, last = place >> 1, last >> 1
    if lines[0] != "c2sp.org/tlog-proof@v1" or number >= size or last != 0 or top != root:
        raise Fault("the entry is not in the log that was signed")
    return f"entry {number} of {size} is in the log {origin}: {entry.decode()}"

def main():
    asked = argparse.ArgumentParser(usage=__doc__)
    asked.add_argument("file")
    asked.add_argument("--key", required=True)
    asked.add_argument("--kept", action="append", default=[])
    asked = asked.parse_args()
    key = open(asked.key).read().strip() if os.path.exists(asked.key) else asked.key
    data = open(asked.file, "rb").read()
    try:
        kept = [open(name, encoding="utf-8").read() for name in asked.kept]
        print("OK:", verify_proof(data.decode(), key) if data[:4] == b"c2sp" else verify_log(data, key, kept))
    except (Fault, ValueError, IndexError, AttributeError) as fault:
        sys.exit(f"FAULT: {fault}")

if __name__ == "__main__": main()
