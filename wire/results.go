package wire

// MaxResultsData is how much of a file one RESULTS carries at most: both
// versions of the reference give up on a longer one.
const MaxResultsData = 1400

// RESULTS, control channel, passive to active: the bytes of the file follow
// the header.
const (
	flagResultsLast       = 1 << 0
	flagResultsIncomplete = 1 << 1 // beside the other, and to a program of ours only (PROTOCOL.md)
)

// Results is a piece of a result file.
type Results struct {
	Last       bool
	Incomplete bool   // with Last: there should have been more, which the sender could not keep
	Data       []byte // of a parsed message: a part of the parsed bytes
}

// Append appends the message to b. It fails on more than MaxResultsData bytes.
func (m Results) Append(b []byte) ([]byte, error) {
	if len(m.Data) > MaxResultsData {
		return b, problem(TypeResults, "data", "has %d bytes, expected at most %d", len(m.Data), MaxResultsData)
	}
	b, p := extend(b, TypeResults, flagIf(m.Last, flagResultsLast)|flagIf(m.Incomplete, flagResultsIncomplete), HeaderSize+len(m.Data))
	copy(p[HeaderSize:], m.Data)
	return b, nil
}

// ParseResults reads b, which has to be one whole RESULTS. The result's Data
// is a part of b.
func ParseResults(b []byte) (Results, error) {
	flags, err := open(b, TypeResults, HeaderSize, HeaderSize+MaxResultsData)
	if err != nil {
		return Results{}, err
	}
	return Results{
		Last:       flags&flagResultsLast != 0,
		Incomplete: flags&flagResultsIncomplete != 0,
		Data:       b[HeaderSize:],
	}, nil
}
