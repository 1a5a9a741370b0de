package passive

import (
	"fmt"
	"sync"

	"netperfmeter/traffic"
	"netperfmeter/wire"
)

// checkFlow says whether a flow is within what every flow may have.
func (l *Limits) checkFlow(spec traffic.FlowSpec) error {
	bitRate := spec.Outgoing.BitRate()
	for _, row := range []struct {
		limit Limit
		value float64
		asked string
	}{
		{MaxFlowRate, bitRate, describeRate(bitRate)},
		{MaxUDPRate, udpRate(spec), describeRate(bitRate)},
		{MaxMessageSize, float64(spec.MaxMsgSize), fmt.Sprintf("messages of %d bytes", spec.MaxMsgSize)},
		{MaxBuffer, float64(spec.SndBuf), fmt.Sprintf("a send buffer of %d bytes", spec.SndBuf)},
		{MaxBuffer, float64(spec.RcvBuf), fmt.Sprintf("a receive buffer of %d bytes", spec.RcvBuf)},
	} {
		if limit := l[row.limit]; limit != NoLimit && row.value > float64(limit) {
			return l.exceeded(row.limit, row.asked)
		}
	}
	return nil
}

func udpRate(spec traffic.FlowSpec) float64 {
	if spec.Protocol != wire.UDP {
		return 0
	}
	return spec.Outgoing.BitRate()
}

// ownDescriptors is what a measurement has beside its flows: the control
// connection, the global vector, waiting records and transport vectors.
const ownDescriptors = 4

// admit books what a new flow takes: itself, its on/off list, its rate, and
// with the first flow the measurement. It books all or nothing.
func (c *session) admit(f *dataFlow) error {
	s := c.server
	if err := s.limits.checkFlow(f.spec); err != nil {
		return err
	}
	bitRate, err := s.ledger.bookableRate(f.spec.Outgoing.BitRate())
	if err != nil {
		return err
	}
	var taken []func()
	defer func() {
		for _, undo := range taken {
			undo()
		}
	}()
	take := func(what resource, amount int64) error {
		err := s.ledger.take(c.client, what, amount)
		if err == nil {
			taken = append(taken, func() { s.ledger.give(c.client, what, amount) })
		}
		return err
	}
	if !c.measuring {
		if err := take(bookedMeasurements, 1); err != nil {
			return err
		}
		if err := take(bookedDescriptors, ownDescriptors); err != nil {
			return err
		}
	}
	if err := take(bookedFlows, 1); err != nil {
		return err
	}
	if err := take(bookedEvents, int64(len(f.spec.OnOff))); err != nil {
		return err
	}
	if err := take(bookedRate, bitRate); err != nil {
		return err
	}
	c.measuring, f.rate, taken = true, bitRate, nil
	return nil
}

// readmit checks a flow again when it is identified, since options may have
// changed it, and books its new rate instead of the one that it was added with,
// and the descriptors that it holds from now on.
func (c *session) readmit(f *dataFlow, vector bool) error {
	s := c.server
	descriptors := int64(0)
	if f.protocol != wire.UDP {
		descriptors++
	}
	if vector {
		descriptors++
	}
	s.ledger.give(c.client, bookedDescriptors, f.descriptors) // of an attempt that failed
	f.descriptors = 0
	if err := s.ledger.take(c.client, bookedDescriptors, descriptors); err != nil {
		return err
	}
	f.descriptors = descriptors
	if err := s.limits.checkFlow(f.spec); err != nil {
		return err
	}
	bitRate, err := s.ledger.bookableRate(f.spec.Outgoing.BitRate())
	if err != nil || bitRate == f.rate {
		return err
	}
	s.ledger.give(c.client, bookedRate, f.rate)
	f.rate = 0
	if err := s.ledger.take(c.client, bookedRate, bitRate); err != nil {
		return err
	}
	f.rate = bitRate
	return nil
}

// dismiss returns what admit has booked for a flow.
func (c *session) dismiss(f *dataFlow) {
	c.server.ledger.give(c.client, bookedFlows, 1)
	c.server.ledger.give(c.client, bookedEvents, int64(len(f.spec.OnOff)))
	c.server.ledger.give(c.client, bookedRate, f.rate)
	c.server.ledger.give(c.client, bookedDescriptors, f.descriptors)
	f.rate, f.descriptors = 0, 0
}

// disk is a session's part of the room for temporary files. Its methods are
// called by the goroutines that write them.
type disk struct {
	ledger *ledger
	client client

	mu   sync.Mutex
	used int64
}

// reserve books room before it is written to.
func (d *disk) reserve(bytes int64) error {
	if err := d.ledger.take(d.client, bookedDisk, bytes); err != nil {
		return err
	}
	d.mu.Lock()
	d.used += bytes
	d.mu.Unlock()
	return nil
}

// release returns room of a file that is gone.
func (d *disk) release(bytes int64) {
	d.mu.Lock()
	bytes = min(bytes, d.used)
	d.used -= bytes
	d.mu.Unlock()
	d.ledger.give(d.client, bookedDisk, bytes)
}

// releaseAll returns the rest, when all files are gone.
func (d *disk) releaseAll() {
	d.mu.Lock()
	used := d.used
	d.mu.Unlock()
	d.release(used)
}
