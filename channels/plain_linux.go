package channels

import "time"

// plainArrivals tells plain connections at an MPTCP listener whose SYN carried
// MPTCP from those whose SYN did not. The kernel does not say it of a socket,
// but counts connections whose SYN carried it and whose next segment did not
// (MPCapableFallbackACK), before they can be accepted: each one stands for one
// plain arrival.
type plainArrivals struct {
	counted uint64 // by the kernel when it was last looked at
	left    uint64 // of them, not given to an arrival then
	at      time.Time
}

// leftLives is how long a counted connection can be waiting to be accepted.
// After that it was another listener's.
const leftLives = time.Second

const fallbackACK = "MPCapableFallbackACK"

func newPlainArrivals() plainArrivals {
	return plainArrivals{counted: MPTCPCounters()[fallbackACK], at: time.Now()}
}

// asked tells whether the SYN of s, which has just been accepted, carried MPTCP
// though s is plain.
func (p *plainArrivals) asked(s *stream) bool {
	plain := false
	err := control(s.raw, func(fd int) (err error) {
		plain, err = isPlain(fd)
		return err
	})
	if err != nil || !plain {
		return false
	}
	return p.arrived(MPTCPCounters()[fallbackACK], time.Now())
}

// arrived accounts for a plain arrival when the kernel has counted so many.
func (p *plainArrivals) arrived(counted uint64, now time.Time) bool {
	if now.Sub(p.at) > leftLives {
		p.left = 0
	}
	if counted > p.counted {
		p.left += counted - p.counted
	}
	p.counted, p.at = counted, now
	if p.left == 0 {
		return false
	}
	p.left--
	return true
}
