package main

import (
	"math"
	"reflect"
	"strconv"
	"strings"

	"netperfmeter/stats"
)

// The figures of scalar files. The tag scalar is the name that a value has
// there, for a part of its own the begin of the names.

type senderFigures struct {
	Bytes          *uint64 `json:"bytes" scalar:"Transmitted Bytes"`
	Packets        *uint64 `json:"packets" scalar:"Transmitted Packets"`
	Frames         *uint64 `json:"frames" scalar:"Transmitted Frames"`
	First          *uint64 `json:"first_us" scalar:"First Transmission"`
	Last           *uint64 `json:"last_us" scalar:"Last Transmission"`
	BitRate        number  `json:"bit_rate" scalar:"Transmitted Bit Rate"`
	PacketRate     number  `json:"packet_rate" scalar:"Transmitted Packet Rate"`
	FrameRate      number  `json:"frame_rate" scalar:"Transmitted Frame Rate"`
	OverallBits    number  `json:"interval_bit_rate" scalar:"Transmitted Bit Rate Over Interval"`
	OverallPackets number  `json:"interval_packet_rate" scalar:"Transmitted Packet Rate Over Interval"`
	OverallFrames  number  `json:"interval_frame_rate" scalar:"Transmitted Frame Rate Over Interval"`
	OmittedBytes   *uint64 `json:"omitted_bytes" scalar:"Omitted Transmitted Bytes"`
	OmittedPackets *uint64 `json:"omitted_packets" scalar:"Omitted Transmitted Packets"`
	OmittedFrames  *uint64 `json:"omitted_frames" scalar:"Omitted Transmitted Frames"`
	Unordered      *uint64 `json:"unordered_packets" scalar:"Transmitted Unordered Packets"`
	Unreliable     *uint64 `json:"unreliable_packets" scalar:"Transmitted Unreliable Packets"`
	Skipped        *uint64 `json:"skipped_frames" scalar:"Skipped Frames"`
	Empty          *uint64 `json:"empty_frames" scalar:"Empty Frames"`
	Dropped        *uint64 `json:"dropped_packets" scalar:"Dropped Packets"`
	Calls          *uint64 `json:"send_calls" scalar:"Send Calls"`
	Blocked        number  `json:"blocked_ms" scalar:"Blocked Time"`
	Configured     number  `json:"configured_frame_rate" scalar:"Configured Frame Rate"`
	Achieved       number  `json:"achieved_frame_rate" scalar:"Achieved Frame Rate"`
	Lateness       summary `json:"lateness" scalar:"Lateness"`
}

type receiverFigures struct {
	Bytes            *uint64 `json:"bytes" scalar:"Received Bytes"`
	Packets          *uint64 `json:"packets" scalar:"Received Packets"`
	Frames           *uint64 `json:"frames" scalar:"Received Frames"`
	First            *uint64 `json:"first_us" scalar:"First Reception"`
	Last             *uint64 `json:"last_us" scalar:"Last Reception"`
	BitRate          number  `json:"bit_rate" scalar:"Received Bit Rate"`
	PacketRate       number  `json:"packet_rate" scalar:"Received Packet Rate"`
	FrameRate        number  `json:"frame_rate" scalar:"Received Frame Rate"`
	OverallBits      number  `json:"interval_bit_rate" scalar:"Received Bit Rate Over Interval"`
	OverallPackets   number  `json:"interval_packet_rate" scalar:"Received Packet Rate Over Interval"`
	OverallFrames    number  `json:"interval_frame_rate" scalar:"Received Frame Rate Over Interval"`
	OmittedBytes     *uint64 `json:"omitted_bytes" scalar:"Omitted Received Bytes"`
	OmittedPackets   *uint64 `json:"omitted_packets" scalar:"Omitted Received Packets"`
	OmittedFrames    *uint64 `json:"omitted_frames" scalar:"Omitted Received Frames"`
	LostBytes        *uint64 `json:"lost_bytes" scalar:"Lost Bytes"`
	LostPackets      *uint64 `json:"lost_packets" scalar:"Lost Packets"`
	LostFrames       *uint64 `json:"lost_frames" scalar:"Lost Frames"`
	LateBytes        *uint64 `json:"late_bytes" scalar:"Late Bytes"`
	LatePackets      *uint64 `json:"late_packets" scalar:"Late Packets"`
	LateFrames       *uint64 `json:"late_frames" scalar:"Late Frames"`
	LateDepthMax     *uint64 `json:"late_depth_max" scalar:"Late Depth Maximum"`
	LateDepthMean    number  `json:"late_depth_mean" scalar:"Late Depth Mean"`
	DuplicateBytes   *uint64 `json:"duplicate_bytes" scalar:"Duplicate Bytes"`
	DuplicatePackets *uint64 `json:"duplicate_packets" scalar:"Duplicate Packets"`
	DuplicateFrames  *uint64 `json:"duplicate_frames" scalar:"Duplicate Frames"`
	UndecidedBytes   *uint64 `json:"undecided_bytes" scalar:"Undecided Bytes"`
	UndecidedPackets *uint64 `json:"undecided_packets" scalar:"Undecided Packets"`
	UndecidedFrames  *uint64 `json:"undecided_frames" scalar:"Undecided Frames"`
	Unordered        *uint64 `json:"unordered_packets" scalar:"Received Unordered Packets"`
	CutBytes         *uint64 `json:"cut_bytes" scalar:"Cut Bytes"`
	LongestGap       number  `json:"longest_gap_ms" scalar:"Longest Gap"`
	LongestGapStart  *uint64 `json:"longest_gap_start_us" scalar:"Longest Gap Start"`
	LongestGapAt     number  `json:"longest_gap_at_s" scalar:"Longest Gap RelTime"`
	GapThreshold     number  `json:"gap_threshold_ms" scalar:"Gap Threshold"`
	GapCount         *uint64 `json:"gap_count" scalar:"Gaps"`
	Gaps             []gap   `json:"gap_list" scalar:"Gap"`
	KernelTimes      *uint64 `json:"kernel_time_stamps" scalar:"Kernel Time Stamps"`
	FinalKnown       *uint64 `json:"final_counts_known" scalar:"Final Counts Known"`
	JitterNow        number  `json:"last_jitter_ms" scalar:"Jitter"`
	Jitter           summary `json:"jitter" scalar:"Jitter"`
	Delay            summary `json:"delay" scalar:"Delay"`
}

// gap is a time without a message, the longest of which are listed.
type gap struct {
	At       number `json:"at_s" scalar:"RelTime"`
	Length   number `json:"length_ms" scalar:"Length"`
	Open     bool   `json:"open" scalar:"Open"` // it lasted to the end
	Recovery number `json:"recovery_ms" scalar:"Recovery"`
}

// summary is a distribution, in milliseconds.
type summary struct {
	Mean   number `json:"mean_ms" scalar:"Mean"`
	StdDev number `json:"stddev_ms" scalar:"Standard Deviation"`
	Min    number `json:"min_ms" scalar:"Minimum"`
	P50    number `json:"p50_ms" scalar:"Percentile 50"`
	P90    number `json:"p90_ms" scalar:"Percentile 90"`
	P99    number `json:"p99_ms" scalar:"Percentile 99"`
	P999   number `json:"p99_9_ms" scalar:"Percentile 99.9"`
	Max    number `json:"max_ms" scalar:"Maximum"`
}

type totalFigures struct {
	First              *uint64 `json:"first_us" scalar:"First Statistics Event"`
	Last               *uint64 `json:"last_us" scalar:"Last Statistics Event"`
	SentBytes          *uint64 `json:"sent_bytes" scalar:"Transmitted Bytes"`
	SentPackets        *uint64 `json:"sent_packets" scalar:"Transmitted Packets"`
	SentFrames         *uint64 `json:"sent_frames" scalar:"Transmitted Frames"`
	SentByteRate       number  `json:"sent_byte_rate" scalar:"Transmitted Byte Rate"`
	SentPacketRate     number  `json:"sent_packet_rate" scalar:"Transmitted Packet Rate"`
	SentFrameRate      number  `json:"sent_frame_rate" scalar:"Transmitted Frame Rate"`
	ReceivedBytes      *uint64 `json:"received_bytes" scalar:"Received Bytes"`
	ReceivedPackets    *uint64 `json:"received_packets" scalar:"Received Packets"`
	ReceivedFrames     *uint64 `json:"received_frames" scalar:"Received Frames"`
	ReceivedByteRate   number  `json:"received_byte_rate" scalar:"Received Byte Rate"`
	ReceivedPacketRate number  `json:"received_packet_rate" scalar:"Received Packet Rate"`
	ReceivedFrameRate  number  `json:"received_frame_rate" scalar:"Received Frame Rate"`
	LostBytes          *uint64 `json:"lost_bytes" scalar:"Lost Bytes"`
	LostPackets        *uint64 `json:"lost_packets" scalar:"Lost Packets"`
	LostFrames         *uint64 `json:"lost_frames" scalar:"Lost Frames"`
	User               number  `json:"process_user_s" scalar:"Process User Time"`
	System             number  `json:"process_system_s" scalar:"Process System Time"`
	ClockSteps         *uint64 `json:"clock_steps" scalar:"Clock Steps"`
}

type cpuFigures struct {
	User       number `json:"user_percent" scalar:"User"`
	Nice       number `json:"nice_percent" scalar:"Nice"`
	System     number `json:"system_percent" scalar:"System"`
	Idle       number `json:"idle_percent" scalar:"Idle"`
	IOWait     number `json:"io_wait_percent" scalar:"IOWait"`
	IRQ        number `json:"hardware_interrupts_percent" scalar:"Hardware Interrupts"`
	SoftIRQ    number `json:"software_interrupts_percent" scalar:"Software Interrupts"`
	Hypervisor number `json:"hypervisor_percent" scalar:"Hypervisor"`
}

// objects are the values of a scalar file by object, without the side's name
// in front, and name.
type objects map[string]map[string]string

func newObjects(side string, file stats.ScalarFile) objects {
	o := make(objects)
	prefix := "netPerfMeter." + side + "."
	for _, line := range file {
		if len(line.Object) <= len(prefix) || line.Object[:len(prefix)] != prefix {
			continue
		}
		name := line.Object[len(prefix):]
		if o[name] == nil {
			o[name] = make(map[string]string)
		}
		o[name][line.Name] = line.Text
	}
	return o
}

// figures reads one of the structs above from an object; nil if there is none.
func figures[T any](o objects, object string) *T {
	values := o[object]
	if values == nil {
		return nil
	}
	all := new(T)
	readFigures(reflect.ValueOf(all).Elem(), values, "")
	return all
}

func readFigures(to reflect.Value, values map[string]string, prefix string) {
	for i := range to.NumField() {
		name := prefix + to.Type().Field(i).Tag.Get("scalar")
		switch field := to.Field(i); field.Kind() {
		case reflect.Struct:
			readFigures(field, values, name+" ")
		case reflect.Slice:
			field.Set(readList(field.Type(), values, name))
		case reflect.Bool:
			field.SetBool(values[name] == "1")
		case reflect.Pointer:
			n, err := strconv.ParseUint(values[name], 10, 64)
			never := n == 0 && strings.HasSuffix(to.Type().Field(i).Tag.Get("json"), "_us") // nothing was sent, or received
			if err == nil && !never {
				field.Set(reflect.ValueOf(&n))
			}
		default:
			v, err := strconv.ParseFloat(values[name], 64)
			if err != nil {
				v = math.NaN()
			}
			field.SetFloat(v)
		}
	}
}

// readList reads a list whose parts are numbered from 1: "Gap 1 Length". Every
// part has the first of its values.
func readList(is reflect.Type, values map[string]string, name string) reflect.Value {
	list := reflect.MakeSlice(is, 0, 0)
	first := is.Elem().Field(0).Tag.Get("scalar")
	for n := 1; ; n++ {
		prefix := name + " " + strconv.Itoa(n) + " "
		if _, there := values[prefix+first]; !there {
			return list
		}
		part := reflect.New(is.Elem()).Elem()
		readFigures(part, values, prefix)
		list = reflect.Append(list, part)
	}
}
