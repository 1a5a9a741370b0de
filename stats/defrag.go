package stats

import "time"

// noticeSlots is how many gaps a deadline remembers; they are at least 1/32 of
// the time-out apart, so that these cover it twice.
const noticeSlots = 64

// deadline knows, to 1/32 of the time-out, when the first message behind a
// missing one came, which is when the wait for that one began.
type deadline struct {
	timeout int64    // microseconds
	notices []notice // a ring, made with the first gap
	count   uint64   // notices ever made
}

type notice struct {
	seq  uint64 // the gap's first number
	time int64  // when it was seen, microseconds since the epoch
}

func newDeadline(timeout time.Duration) deadline {
	return deadline{timeout: max(timeout.Microseconds(), 1)}
}

// gap notes that at this time numbers from seq on were found missing.
func (d *deadline) gap(seq uint64, time int64) {
	if d.notices == nil {
		d.notices = make([]notice, noticeSlots)
	}
	if d.count > 0 {
		// A clock that was set back makes a new notice as well.
		since := time - d.notices[(d.count-1)%noticeSlots].time
		if since >= 0 && since < d.timeout/(noticeSlots/2) {
			return
		}
	}
	d.notices[d.count%noticeSlots] = notice{seq, time}
	d.count++
}

// passed reports whether number seq, which was missing until now, has been
// waited for longer than the time-out.
func (d *deadline) passed(seq uint64, now int64) bool {
	oldest := subtract(d.count, noticeSlots)
	for i := d.count; i > oldest; i-- {
		if n := d.notices[(i-1)%noticeSlots]; n.seq <= seq {
			return now-n.time > d.timeout
		}
	}
	return true // older than all that is remembered
}
