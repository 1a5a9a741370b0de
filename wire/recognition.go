package wire

// ExtensionVersion is the newest version of the extension, specified in
// PROTOCOL.md, that this package knows. Versions are 1 to MaxExtensionVersion.
const (
	ExtensionVersion    = 1
	MaxExtensionVersion = 15
)

// The mark is in the low 16 bits of a MeasurementID and a function of the
// other 48. It says to a passive side of ours that the active side is one; no
// other looks for it. One random MeasurementID of a reference in 65536 has it
// by chance, and then gets a confirmation that it does not see.
const (
	markBits = 16
	markMask = 1<<markBits - 1
)

// The two multipliers spread the bits of a number over a product's highest
// ones; the first is 2^64 divided by the golden ratio. They are a part of the
// extension: PROTOCOL.md has them too.
const (
	markMultiplier         = 0x9e3779b97f4a7c15
	confirmationMultiplier = 0xd1b54a32d192ed03
)

// A confirmation is 12 bits that are a function of the MeasurementID, and the
// version in the 4 bits below them.
const (
	confirmationVersionBits = 4
	confirmationVersionMask = 1<<confirmationVersionBits - 1
	confirmationHashBits    = 16 - confirmationVersionBits
)

func mark(upper uint64) uint64 {
	return (upper + 1) * markMultiplier >> (64 - markBits)
}

// NewMeasurementID makes a marked MeasurementID out of the low 48 bits of
// random.
func NewMeasurementID(random uint64) MeasurementID {
	upper := random << markBits >> markBits
	return MeasurementID(upper<<markBits | mark(upper))
}

// Marked tells whether id says that its active side is a program of ours.
func Marked(id MeasurementID) bool {
	return uint64(id)&markMask == mark(uint64(id)>>markBits)
}

// Confirmation returns what a passive side of ours puts into the Extension of
// every ACKNOWLEDGE of a marked measurement. It is never 0, which is what a
// reference sends. Version is the newest one that the passive side knows, from
// 1 to MaxExtensionVersion.
func Confirmation(id MeasurementID, version int) uint16 {
	return confirmationHash(id) | uint16(version&confirmationVersionMask)
}

// Confirmed reads an ACKNOWLEDGE's Extension: the version that a passive side
// of ours confirms, or false if it confirms nothing.
func Confirmed(id MeasurementID, extension uint16) (version int, ok bool) {
	version = int(extension & confirmationVersionMask)
	return version, version != 0 && extension&^confirmationVersionMask == confirmationHash(id)
}

func confirmationHash(id MeasurementID) uint16 {
	hash := uint64(id) * confirmationMultiplier >> (64 - confirmationHashBits)
	return uint16(hash) << confirmationVersionBits
}
