// Package peer20 is a scripted peer that behaves on the wire like a 2.0.x program of the reference family, in both
// roles, for tests of interoperability where no package provides such a program.
//
// It is made from the description of the protocol alone and shares no code with the program under test: it has its
// own codec and its own senders, so that one misreading cannot hide on both sides. It is strict where the reference
// is strict (acknowledgements with other IDs, an unexpected message, a data connection that ends too early) and
// says so with an error; it checks in addition what a reference would ignore (payload pattern, sequence numbers).
//
// Goroutines: one per listener, connection and sender. Passive.Serve and RunActive return after all of theirs have
// ended, and the Record that they return is then nobody else's.
package peer20
