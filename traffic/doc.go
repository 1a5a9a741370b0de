// Package traffic says what a flow sends and when: the FLOWSPEC grammar both
// ways, the distributions, the plan of frames, the on/off list, and how a
// frame is cut into messages.
//
// It is arithmetic: no sockets, no clocks, no goroutines. Instants count from
// the start of the measurement. Random values come from sources that are
// passed in, so that a seed repeats a run. A Plan or Switch belongs to one
// goroutine at a time; it refers to the list of events that it was made from,
// which must not change, and allocates nothing after that.
package traffic
