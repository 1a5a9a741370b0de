package peer20

import (
	"context"
	"fmt"
	"math/rand/v2"
	"time"
)

// converse answers control messages until the active side closes.
func (r *passiveRun) converse(ctx context.Context) error {
	for {
		b, err := r.channel.next(ctx, 0)
		if isEnd(err) {
			return r.complete()
		}
		if err != nil {
			return fmt.Errorf("control channel: %w", err)
		}
		switch {
		case b[0] == typeAdd:
			err = r.add(b)
		case b[0] == typeRemove && len(b) == 18:
			err = r.remove(getKey(b))
		case b[0] == typeStart && len(b) == 16:
			err = r.start(big.Uint64(b[8:]), b[1])
		case b[0] == typeStop && len(b) == 16:
			err = r.stopMeasurement(big.Uint64(b[8:]))
		default:
			err = fmt.Errorf("message of type %d with %d bytes on the control channel", b[0], len(b))
		}
		if err != nil {
			return err
		}
	}
}

// complete tells whether the active side closed the control channel at the right moment.
func (r *passiveRun) complete() error {
	r.lock.Lock()
	defer r.lock.Unlock()
	if !r.stopped || len(r.flows) > 0 {
		return fmt.Errorf("control channel closed early: STOP seen %v, %d flows not removed", r.stopped, len(r.flows))
	}
	return nil
}

func (r *passiveRun) add(b []byte) error {
	a, err := decodeAdd(b)
	if err == nil && a.obsolete() && !r.Accept19 {
		err = fmt.Errorf("ADD_FLOW with obsolete fields set")
	}
	if err != nil {
		r.channel.send(encodeAck(getKey(append(b, make([]byte, 24)...)), 1))
		return err
	}
	r.lock.Lock()
	defer r.lock.Unlock()
	if r.started || r.find(a.Key) != nil {
		r.channel.send(encodeAck(a.Key, 1))
		return fmt.Errorf("ADD_FLOW %d: comes twice or after START", a.Flow)
	}
	f := &passiveFlow{key: a.Key, done: make(chan struct{}), record: &FlowRecord{Add: *a}}
	f.checker = &checker{key: a.Key, datagrams: a.Protocol == UDP, gaps: r.AllowGaps, record: f.record, complain: r.violation}
	f.sender = &sender{key: a.Key, fromPassive: true, rate: a.Rate, size: a.Size, maxMsg: int(a.MaxMsgSize),
		events: a.Events, repeat: a.Flags&4 != 0, failEvery: r.FailEvery, record: f.record,
		random: rand.New(rand.NewPCG(r.Seed, uint64(a.Flow)))}
	r.flows = append(r.flows, f)
	r.recorder.mu.Lock()
	r.record.Measurement = a.Measurement
	r.record.Flows = append(r.record.Flows, f.record)
	r.recorder.mu.Unlock()
	return r.channel.send(encodeAck(a.Key, 0))
}

// find needs the lock.
func (r *passiveRun) find(k Key) *passiveFlow {
	for _, f := range r.flows {
		if f.key == k {
			return f
		}
	}
	return nil
}

func (r *passiveRun) start(measurement uint64, flags uint8) error {
	r.lock.Lock()
	flows, again := r.flows, r.started
	r.started = true
	r.lock.Unlock()
	r.recorder.mu.Lock()
	r.record.StartFlags = flags
	r.recorder.mu.Unlock()
	whole := Key{Measurement: measurement}
	if again || len(flows) == 0 || flows[0].key.Measurement != measurement {
		r.channel.send(encodeAck(whole, 1))
		return fmt.Errorf("START of measurement %x: unknown, or started before", measurement)
	}
	if !r.DataBeforeAck {
		if err := r.channel.send(encodeAck(whole, 0)); err != nil {
			return err
		}
	}
	for _, f := range flows {
		if !f.identified {
			return fmt.Errorf("START with flow %d not identified", f.key.Flow)
		}
		r.senders.Go(func() { f.sender.run(r.stop) })
	}
	if r.StopReadingAfter > 0 {
		time.AfterFunc(r.StopReadingAfter, r.stopReading)
	}
	if r.DataBeforeAck {
		pause(r.stop, 50*time.Millisecond)
		return r.channel.send(encodeAck(whole, 0))
	}
	return nil
}

func (r *passiveRun) stopReading() {
	r.lock.Lock()
	defer r.lock.Unlock()
	for _, c := range r.conns {
		c.SetReadDeadline(time.Now())
	}
}

// stopAll ends senders and readers; what has not been read by now never is.
func (r *passiveRun) stopAll() {
	r.lock.Lock()
	if !r.stopped {
		close(r.stop)
	}
	r.stopped = true
	conns, flows := r.conns, r.flows
	r.lock.Unlock()
	r.stopReading()
	for _, c := range conns {
		c.SetWriteDeadline(time.Now().Add(5 * time.Millisecond))
	}
	r.senders.Wait()
	for _, f := range flows {
		if f.conn != nil {
			<-f.done
		}
	}
}

func (r *passiveRun) stopMeasurement(measurement uint64) error {
	r.lock.Lock()
	flows, wrong := r.flows, !r.started || r.stopped
	r.lock.Unlock()
	whole := Key{Measurement: measurement}
	if wrong || len(flows) == 0 || flows[0].key.Measurement != measurement {
		r.channel.send(encodeAck(whole, 1))
		return fmt.Errorf("STOP of measurement %x: unknown, not running or stopped before", measurement)
	}
	r.stopAll()
	for _, f := range flows {
		if f.conn != nil && r.CutLast && f.sender.size != Constant(0) {
			f.conn.SetWriteDeadline(time.Now().Add(5 * time.Millisecond))
			f.sender.cut()
		}
	}
	pause(nil, r.AnswerStopAfter)
	if err := r.channel.send(encodeAck(whole, 0)); err != nil {
		return err
	}
	return r.upload()
}

// remove answers REMOVE_FLOW: with the vector file, or with nothing if vectors are off.
func (r *passiveRun) remove(k Key) error {
	r.lock.Lock()
	f := r.find(k)
	stopped := r.stopped
	rest := make([]*passiveFlow, 0, len(r.flows))
	for _, other := range r.flows {
		if other != f {
			rest = append(rest, other)
		}
	}
	r.flows = rest
	r.lock.Unlock()
	if f == nil || !stopped {
		r.channel.send(encodeAck(k, 1))
		return fmt.Errorf("REMOVE_FLOW %+v: unknown, or before STOP", k)
	}
	if f.conn != nil {
		f.conn.Close()
	}
	if f.flags&identifyNoVectors != 0 {
		return nil
	}
	if err := r.channel.send(encodeAck(k, 0)); err != nil {
		return err
	}
	return r.sendFile(vectorFile(f.record), f.flags&identifyCompress != 0)
}

func (r *passiveRun) upload() error {
	flags := r.record.StartFlags
	if flags&startNoVectors == 0 {
		if err := r.sendFile(globalFile(&r.record), flags&startCompressVectors != 0); err != nil {
			return err
		}
	}
	if flags&startNoScalars != 0 {
		return nil
	}
	return r.sendFile(scalarFile(&r.record), flags&startCompressScalars != 0)
}

func (r *passiveRun) sendFile(content []byte, compress bool) error {
	if r.FileSize > 0 {
		content = sized(r.FileSize)
	} else if compress {
		var err error
		if content, err = bzip2(content); err != nil {
			return err
		}
	}
	for _, piece := range pieces(content) {
		if err := r.channel.send(piece); err != nil {
			return err
		}
	}
	return nil
}
