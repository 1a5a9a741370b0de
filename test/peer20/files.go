package peer20

import (
	"bytes"
	"fmt"
	"os/exec"
)

// The passive side's files, in the reference's form and with this peer's counts; rates are left at 0.

func scalarFile(r *Record) []byte {
	var b bytes.Buffer
	line := func(object, name string, value any) {
		fmt.Fprintf(&b, "scalar \"netPerfMeter.passive.%s\" %-25s %v\n", object, `"`+name+`"`, value)
	}
	counts := func(object, direction string, c Counts) {
		line(object, direction+" Bytes", c.Bytes)
		line(object, direction+" Packets", c.Messages)
		line(object, direction+" Frames", c.Frames)
	}
	var sent, received Counts
	add := func(sum *Counts, c Counts) {
		sum.Bytes, sum.Messages, sum.Frames = sum.Bytes+c.Bytes, sum.Messages+c.Messages, sum.Frames+c.Frames
	}
	for _, f := range r.Flows {
		object := fmt.Sprintf("flow[%d]", f.Add.Flow)
		counts(object, "Transmitted", f.Sent)
		counts(object, "Received", f.Received)
		add(&sent, f.Sent)
		add(&received, f.Received)
	}
	counts("total", "Transmitted", sent)
	counts("total", "Received", received)
	counts("total", "Lost", Counts{})
	return b.Bytes()
}

func globalFile(r *Record) []byte {
	var b bytes.Buffer
	b.WriteString("AbsTime\tRelTime\tInterval\tFlowID\tDescription\tJitter\tAction\tAbsBytes\tAbsPackets\tAbsFrames\tRelBytes\tRelPackets\tRelFrames\n")
	for i, f := range r.Flows {
		fmt.Fprintf(&b, "%06d\t1\t0.000000\t0.000000\t%d\t%q\t0.000\t\"Received\"\t0\t0\t0\t0\t0\t0\n", i+1, f.Add.Flow, f.Add.Description)
	}
	return b.Bytes()
}

// vectorFile has one line for every message received, at most some: what they say is not looked at.
func vectorFile(f *FlowRecord) []byte {
	var b bytes.Buffer
	b.WriteString("AbsTime\tRelTime\tSeqNumber\tAbsBytes\tAbsPackets\tAbsFrames\tRelBytes\tRelPackets\tRelFrames\tDelay\tPrevPacketDelayDiff\tJitter\n")
	for i := range min(f.Received.Messages, 5000) {
		fmt.Fprintf(&b, "%06d\t%d\t0.000000\t%d\t%d\t%d\t%d\t48\t1\t1\t0.000\t0.000\t0.000\n", i+1, i, i, 48*(i+1), i+1, i+1)
	}
	return b.Bytes()
}

// sized is a recognisable file of exactly n bytes.
func sized(n int) []byte {
	b := make([]byte, n)
	for i := range b {
		b[i] = "0123456789abcdef"[i/7%16]
	}
	return b
}

func bzip2(content []byte) ([]byte, error) {
	cmd := exec.Command("bzip2", "-c")
	cmd.Stdin = bytes.NewReader(content)
	out, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("bzip2: %w", err)
	}
	return out, nil
}
