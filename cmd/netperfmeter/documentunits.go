package main

import "strings"

// units are the units of the document's numbers, by the names of their fields;
// "" stands for what has none.
func units() map[string]string {
	all := make(map[string]string)
	for unit, names := range unitNames {
		for name := range strings.FieldsSeq(names) {
			all[name] = unit
		}
	}
	return all
}

// Wordings of units.
const (
	instant  = "microseconds since 1970-01-01 00:00 UTC, of the wall clock of the side that it is about"
	seconds  = "seconds"
	micros   = "microseconds"
	millis   = "milliseconds"
	percent  = "percent"
	messages = "messages of the measurement's protocol, not IP packets"
)

var unitNames = map[string]string{
	"": "descriptors processors backlog first_local_port last_local_port gap_count schema_version exit_status flow stream interval id exchanges final_counts_known share counters subflows add_addr_accepted",
	instant: "begin_us end_us first_us last_us time_us longest_gap_start_us " +
		"time since until fallback_at",
	seconds: "runtime_s omit_s interval_s deadline_s duration_s elapsed_s at_s longest_gap_at_s begin_s end_s process_user_s process_system_s blackhole_timeout",
	millis: "offset_start_ms offset_end_ms bound_ms round_trip_ms correction_bound_ms length_ms recovery_ms gap_threshold_ms blocked_ms longest_gap_ms jitter_ms last_jitter_ms " +
		"mean_ms stddev_ms min_ms p50_ms p90_ms p99_ms p99_9_ms max_ms",
	micros:  "connect_time rtt rtt_variance min_rtt rto srtt busy_time rwnd_limited_time sndbuf_limited_time",
	percent: "user_percent nice_percent system_percent idle_percent io_wait_percent hardware_interrupts_percent software_interrupts_percent hypervisor_percent",
	"bytes": "bytes sent_bytes received_bytes lost_bytes late_bytes duplicate_bytes undecided_bytes omitted_bytes cut_bytes " +
		"bytes_sent bytes_received bytes_acked bytes_retransmitted peer_window mss mtu memory_bytes send_buffer_bytes receive_buffer_bytes tcp_send_buffer_bytes tcp_receive_buffer_bytes datagram_bytes send_asked send_granted receive_asked receive_granted",
	messages: "packets sent_packets received_packets lost_packets late_packets duplicate_packets undecided_packets omitted_packets dropped_packets unordered_packets unreliable_packets " +
		"late_depth_max late_depth_mean",
	"frames":              "frames sent_frames received_frames lost_frames late_frames duplicate_frames undecided_frames omitted_frames skipped_frames empty_frames",
	"bits per second":     "bit_rate sent_bit_rate received_bit_rate interval_bit_rate",
	"bytes per second":    "sent_byte_rate received_byte_rate delivery_rate pacing_rate",
	"messages per second": "packet_rate interval_packet_rate sent_packet_rate received_packet_rate",
	"frames per second":   "frame_rate interval_frame_rate sent_frame_rate received_frame_rate configured_frame_rate achieved_frame_rate",
	"system calls":        "send_calls",
	"messages with a time stamp of the kernel": "kernel_time_stamps",
	"steps of the wall clock":                  "clock_steps",
	"segments (TCP), bytes (SCTP)":             "cwnd ssthresh",
	"segments":                                 "retransmits",
	"parts per million":                        "drift_ppm drift_bound_ppm",
	"streams":                                  "out_streams in_streams",
	"chunks of SCTP": "unacknowledged pending sent_ordered sent_unordered received_ordered received_unordered " +
		"retransmitted duplicates out_of_order",
	"acknowledgements of SCTP with gaps": "gaps",
	"messages of SCTP":                   "given_up given_up_unsent",
}
