package main

import (
	"encoding/csv"
	"io"
	"math"
	"reflect"
	"strconv"

	"netperfmeter/active"
)

// intervalRow is one interval of one direction of a flow: a row of the
// document, a line of --json-lines, and a row of --csv. What only the other
// side knows is null while the measurement runs.
type intervalRow struct {
	flowHead
	Direction       string  `json:"direction"` // "outgoing", "incoming"
	Interval        int     `json:"interval"`
	Time            int64   `json:"end_us"`
	Begin           number  `json:"begin_s"`
	End             number  `json:"end_s"`
	SentBytes       *uint64 `json:"sent_bytes"`
	SentPackets     *uint64 `json:"sent_packets"`
	SentFrames      *uint64 `json:"sent_frames"`
	SentBits        number  `json:"sent_bit_rate"`
	ReceivedBytes   *uint64 `json:"received_bytes"`
	ReceivedPackets *uint64 `json:"received_packets"`
	ReceivedFrames  *uint64 `json:"received_frames"`
	ReceivedBits    number  `json:"received_bit_rate"`
	LostBytes       *int64  `json:"lost_bytes"` // below 0 when late messages came
	LostPackets     *int64  `json:"lost_packets"`
	LostFrames      *int64  `json:"lost_frames"`
	Jitter          number  `json:"jitter_ms"`
}

func newIntervalRow(i *active.Interval) intervalRow {
	row := intervalRow{
		flowHead: newFlowHead(i.Flow), Direction: "incoming", Interval: i.Number, Time: i.Time,
		Begin: number(i.Begin.Seconds()), End: number(i.End.Seconds()),
		SentBits: number(i.SendRate), ReceivedBits: number(i.ReceiveRate), Jitter: number(i.Jitter),
	}
	if i.Outgoing {
		row.Direction = "outgoing"
	}
	if s := i.Sent; s != nil {
		row.SentBytes, row.SentPackets, row.SentFrames = &s.Bytes, &s.Packets, &s.Frames
	}
	if s := i.Received; s != nil {
		row.ReceivedBytes, row.ReceivedPackets, row.ReceivedFrames = &s.Bytes, &s.Packets, &s.Frames
	}
	if s := i.Lost; s != nil {
		row.LostBytes, row.LostPackets, row.LostFrames = &s.Bytes, &s.Packets, &s.Frames
	}
	return row
}

// writeTable writes the rows as CSV. The columns have the names of the JSON
// form; what is not known is empty.
func writeTable(w io.Writer, report *active.Report) error {
	table := csv.NewWriter(w)
	table.Write(columnNames(reflect.TypeFor[intervalRow](), nil))
	if report != nil {
		var cells []string
		for i := range report.Intervals() {
			cells = appendCells(cells[:0], reflect.ValueOf(newIntervalRow(&i)))
			table.Write(cells)
		}
	}
	table.Flush()
	return table.Error()
}

// columnNames lists the fields of a struct, those of an embedded one in its
// place.
func columnNames(t reflect.Type, names []string) []string {
	for i := range t.NumField() {
		field := t.Field(i)
		if field.Anonymous {
			names = columnNames(field.Type, names)
			continue
		}
		names = append(names, field.Tag.Get("json"))
	}
	return names
}

func appendCells(cells []string, v reflect.Value) []string {
	for i := range v.NumField() {
		field := v.Field(i)
		if v.Type().Field(i).Anonymous {
			cells = appendCells(cells, field)
			continue
		}
		cells = append(cells, cell(field))
	}
	return cells
}

func cell(v reflect.Value) string {
	switch v.Kind() {
	case reflect.Pointer:
		if v.IsNil() {
			return ""
		}
		return cell(v.Elem())
	case reflect.String:
		return v.String()
	case reflect.Float64:
		if f := v.Float(); !math.IsNaN(f) && !math.IsInf(f, 0) {
			return strconv.FormatFloat(f, 'f', -1, 64)
		}
		return ""
	case reflect.Int, reflect.Int64:
		return strconv.FormatInt(v.Int(), 10)
	}
	return strconv.FormatUint(v.Uint(), 10)
}
