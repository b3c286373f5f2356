//! How counters are written: pairs of a growing key and a number, as the difference to the key
//! before and the number, both in LEB128, the number zigzagged.

use crate::{Result, row};

/// A key and how often.
pub(super) type Cell = (u32, i64);

pub(super) fn encode(cells: &[Cell]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(cells.len() * 3);
    let mut before = 0;
    for (key, n) in cells {
        write(&mut bytes, u64::from(key - before));
        write(&mut bytes, ((n << 1) ^ (n >> 63)) as u64);
        before = *key;
    }
    bytes
}

/// Reads what [`encode`] wrote.
pub(super) fn decode(mut bytes: &[u8], mut each: impl FnMut(u32, i64)) -> Result<()> {
    let mut key: u32 = 0;
    while !bytes.is_empty() {
        let step = u32::try_from(read(&mut bytes)?).map_err(|_| row::malformed("cells"))?;
        key = key.checked_add(step).ok_or_else(|| row::malformed("cells"))?;
        let n = read(&mut bytes)?;
        each(key, (n >> 1) as i64 ^ -((n & 1) as i64));
    }
    Ok(())
}

pub(super) fn write(bytes: &mut Vec<u8>, mut it: u64) {
    while it >= 0x80 {
        bytes.push(it as u8 | 0x80);
        it >>= 7;
    }
    bytes.push(it as u8);
}

pub(super) fn read(bytes: &mut &[u8]) -> Result<u64> {
    let mut it = 0;
    for shift in (0..64).step_by(7) {
        let Some((byte, rest)) = bytes.split_first() else { break };
        *bytes = rest;
        it |= u64::from(byte & 0x7f) << shift;
        if byte & 0x80 == 0 {
            return Ok(it);
        }
    }
    Err(row::malformed("cells").into())
}

/// The sums of two lists in order of their keys. What is zero is left out.
pub(super) fn merged(a: &[Cell], b: &[Cell]) -> Vec<Cell> {
    let mut sums = Vec::with_capacity(a.len() + b.len());
    let (mut a, mut b) = (a.iter().peekable(), b.iter().peekable());
    loop {
        let (key, n) = match (a.peek(), b.peek()) {
            (None, None) => return sums,
            (Some(&&(x, n)), Some(&&(y, m))) if x == y => {
                a.next();
                b.next();
                (x, n + m)
            }
            (Some(&&(x, n)), it) if it.is_none_or(|it| x < it.0) => {
                a.next();
                (x, n)
            }
            (_, Some(&&cell)) => {
                b.next();
                cell
            }
            (Some(&&cell), None) => {
                a.next();
                cell
            }
        };
        if n != 0 {
            sums.push((key, n));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read() {
        let cells = [(0, 1), (1, -1), (127, 64), (128, i64::MAX), (u32::MAX, i64::MIN)];
        let mut read = Vec::new();
        decode(&encode(&cells), |key, n| read.push((key, n))).unwrap();
        assert_eq!(read, cells);
        for bad in [&[0x80][..], &[1], &[0xff; 30]] {
            assert!(decode(bad, |_, _| {}).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn lists_are_summed_by_key() {
        let (a, b) = ([(1, 1), (3, 2), (9, 1)], [(0, 5), (3, -2), (4, 1), (9, 1), (10, 1)]);
        let want = [(0, 5), (1, 1), (4, 1), (9, 2), (10, 1)];
        assert_eq!(merged(&a, &b), want);
        assert_eq!(merged(&b, &a), want);
        assert_eq!(merged(&a, &[]), a);
    }
}
