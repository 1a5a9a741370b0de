// Package stats counts what flows send and receive and writes it down.
//
// The accounting half turns arrivals of messages into counters, loss,
// reordering, delay and jitter: a Reception belongs to the one goroutine that
// receives, takes no lock and allocates nothing per message; everybody else
// gets copies from that goroutine. Counters are never reset, an interval is the
// difference of two copies.
//
// The result half knows the formats of the scalar, vector and configuration
// files. Records leave the receiver in slabs, which belong to the Recorder
// from then on; its goroutines format, compress and write them.
//
// The package knows neither messages' layouts nor sockets.
package stats
