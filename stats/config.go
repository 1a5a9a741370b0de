package stats

import (
	"bufio"
	"fmt"
	"io"

	"netperfmeter/wire"
)

// Config is what the configuration file says about a measurement.
type Config struct {
	ActiveName, PassiveName string
	ScalarActive            string // names of the files
	ScalarPassive           string
	VectorActive            string
	VectorPassive           string
	Flows                   []ConfigFlow
}

// ConfigFlow is one flow of a Config.
type ConfigFlow struct {
	ID                          wire.FlowID
	Description                 string
	Protocol                    wire.Protocol
	Outbound, Inbound           ConfigDirection // seen from the active side
	Reliable, Ordered           float64         // fractions, 0..1
	NoDelay, Debug              bool
	CongestionControl           string
	VectorActive, VectorPassive string // names of the files
}

// ConfigDirection is the traffic of a flow in one direction.
type ConfigDirection struct {
	Rate, Size wire.Distribution
}

// WriteConfig writes the configuration file: assignments that shells and GNU R
// both can source. Texts lose every character that could run a command there.
func WriteConfig(w io.Writer, c Config) error {
	b := bufio.NewWriter(w)
	fmt.Fprintf(b, "NUM_FLOWS=%d\n", len(c.Flows))
	for _, line := range []struct{ key, value string }{
		{"NAME_ACTIVE_NODE", c.ActiveName},
		{"NAME_PASSIVE_NODE", c.PassiveName},
		{"SCALAR_ACTIVE_NODE", c.ScalarActive},
		{"SCALAR_PASSIVE_NODE", c.ScalarPassive},
		{"VECTOR_ACTIVE_NODE", c.VectorActive},
		{"VECTOR_PASSIVE_NODE", c.VectorPassive},
	} {
		assign(b, line.key, line.value)
	}
	fmt.Fprintln(b)
	for i := range c.Flows {
		c.Flows[i].write(b)
	}
	return b.Flush()
}

// write needs no error: the bufio.Writer keeps the first one until Flush.
func (f *ConfigFlow) write(b *bufio.Writer) {
	key := fmt.Sprintf("FLOW%d_", f.ID)
	assign(b, key+"DESCRIPTION", f.Description)
	assign(b, key+"PROTOCOL", f.Protocol.String())
	f.Outbound.write(b, key+"OUTBOUND_FRAME_")
	f.Inbound.write(b, key+"INBOUND_FRAME_")
	fmt.Fprintf(b, "%sRELIABLE=%f\n%sORDERED=%f\n", key, f.Reliable, key, f.Ordered)
	assign(b, key+"NODELAY", onOff(f.NoDelay))
	assign(b, key+"DEBUG", onOff(f.Debug))
	assign(b, key+"CC", f.CongestionControl)
	assign(b, key+"VECTOR_ACTIVE_NODE", f.VectorActive)
	assign(b, key+"VECTOR_PASSIVE_NODE", f.VectorPassive)
	fmt.Fprintln(b)
}

func (d *ConfigDirection) write(b *bufio.Writer, key string) {
	writeValues(b, key+"RATE_", d.Rate)
	fmt.Fprintf(b, "%sRATE_RNG_ID=%d\n", key, d.Rate.Kind)
	assign(b, key+"RATE_RNG_NAME", distributionName(d.Rate.Kind))
	writeValues(b, key+"SIZE_", d.Size)
	fmt.Fprintf(b, "%sSIZE_RNG=%d\n", key, d.Size.Kind)
}

func writeValues(b *bufio.Writer, key string, d wire.Distribution) {
	for i, v := range d.Values {
		fmt.Fprintf(b, "%sVALUE%d=%f\n", key, i+1, v)
	}
}

func assign(b *bufio.Writer, key, value string) {
	fmt.Fprintf(b, "%s=\"%s\"\n", key, cleanAssignment(value))
}

func onOff(v bool) string {
	if v {
		return "on"
	}
	return "off"
}

// poisson is a kind that package traffic adds to those of the wire, and which
// this package may not import.
const poisson wire.DistributionKind = 0x80

// distributionName gives the words that the plotting tools show.
func distributionName(kind wire.DistributionKind) string {
	switch kind {
	case wire.Constant:
		return "constant"
	case wire.Uniform:
		return "uniform"
	case wire.Exponential:
		return "exponential"
	case wire.Pareto:
		return "pareto"
	case wire.Normal:
		return "normal"
	case wire.TruncNormal:
		return "truncnormal"
	case poisson:
		return "poisson"
	}
	return fmt.Sprintf("distribution %d", kind)
}
