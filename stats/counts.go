package stats

// Add returns the sum of two amounts.
func (c Counts) Add(o Counts) Counts {
	return Counts{c.Bytes + o.Bytes, c.Packets + o.Packets, c.Frames + o.Frames}
}

// Sub returns what c has more than o, field by field, and 0 where it has less.
// The amount between two copies of counters that only grow is exact; for Lost,
// which also goes down, use Since.
func (c Counts) Sub(o Counts) Counts {
	return Counts{
		Bytes:   subtract(c.Bytes, o.Bytes),
		Packets: subtract(c.Packets, o.Packets),
		Frames:  subtract(c.Frames, o.Frames),
	}
}

// Since returns the change from o to c, so that the changes of a series of
// copies add up to the last one even for counters that go down.
func (c Counts) Since(o Counts) Change {
	return Change{
		Bytes:   int64(c.Bytes - o.Bytes),
		Packets: int64(c.Packets - o.Packets),
		Frames:  int64(c.Frames - o.Frames),
	}
}

// Change is the difference of two Counts, with a sign.
type Change struct {
	Bytes, Packets, Frames int64
}

func subtract(a, b uint64) uint64 {
	if a < b {
		return 0
	}
	return a - b
}
