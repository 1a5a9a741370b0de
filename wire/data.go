package wire

import "encoding/binary"

const (
	// DataHeaderSize is the shortest DATA message: one without payload.
	DataHeaderSize = 48
	// MinMaxMsgSize is the smallest MaxMsgSize that means anything: a message
	// is never shorter than its header.
	MinMaxMsgSize = DataHeaderSize
)

// DATA, data channel, both ways. The payload follows: see FillPayload.
const (
	// 4 to 17: key; 18: padding u16, 0
	offDataFrame     = 20 // u32
	offDataSeq       = 24 // u64
	offDataByteSeq   = 32 // u64
	offDataTimeStamp = 40 // u64
)

// The flags of DATA.
const (
	FlagFirst uint8 = 1 << 0 // first message of its frame
	FlagLast  uint8 = 1 << 1 // last message of its frame
)

// Data is the header of a DATA message.
type Data struct {
	Key
	First, Last bool
	Frame       FrameID
	Seq         Seq
	ByteSeq     uint64 // bytes sent in this direction before; a reference counts to the frame's start only
	TimeStamp   int64  // the sender's wall clock at sending, microseconds since the Unix epoch
}

// PutData writes d over the first DataHeaderSize bytes of b, for a message of
// length bytes in all, and allocates nothing. It panics if b is shorter than
// that, or if length is outside DataHeaderSize to MaxMessageSize.
func PutData(b []byte, length int, d *Data) {
	if length < DataHeaderSize || length > MaxMessageSize {
		panic("wire: length of a DATA message out of range")
	}
	h := (*[DataHeaderSize]byte)(b)
	h[offType] = uint8(TypeData)
	binary.BigEndian.PutUint16(h[offLength:], uint16(length))
	putKey(h[:], d.Key)
	h[18], h[19] = 0, 0
	flags := flagIf(d.First, FlagFirst) | flagIf(d.Last, FlagLast)
	PatchData(h[:], flags, d.Frame, d.Seq, d.ByteSeq, d.TimeStamp)
}

// PatchData rewrites those fields of a header that change from message to
// message. It is for a buffer in which PutData has put a header of the same
// flow and the same length at the start of b.
func PatchData(b []byte, flags uint8, frame FrameID, seq Seq, byteSeq uint64, timeStamp int64) {
	h := (*[DataHeaderSize]byte)(b)
	h[offFlags] = flags
	binary.BigEndian.PutUint32(h[offDataFrame:], uint32(frame))
	binary.BigEndian.PutUint64(h[offDataSeq:], uint64(seq))
	binary.BigEndian.PutUint64(h[offDataByteSeq:], byteSeq)
	binary.BigEndian.PutUint64(h[offDataTimeStamp:], uint64(timeStamp))
}

// ParseData's errors are made beforehand: a flood of rubbish must not make
// the receive path allocate.
// StampData sets the time of a header that was written before.
func StampData(b []byte, timeStamp int64) {
	h := (*[DataHeaderSize]byte)(b)
	binary.BigEndian.PutUint64(h[offDataTimeStamp:], uint64(timeStamp))
}

var (
	errDataShort  = &Error{Message: TypeData, Field: "Length", Problem: "is less than the 48 bytes of the header"}
	errDataType   = &Error{Message: TypeData, Field: "Type", Problem: "is not that of DATA"}
	errDataLength = &Error{Message: TypeData, Field: "Length", Problem: "is not the size of the message"}
)

// ParseData reads the header of b, which has to be one whole DATA message. It
// allocates nothing, whatever b is. The IDs in it are what the sender says:
// the channel, not they, tells which flow the message belongs to.
func ParseData(b []byte) (Data, error) {
	h, err := OpenData(b)
	if err != nil {
		return Data{}, err
	}
	return Data{
		Key: getKey(b), First: h.First(), Last: h.Last(),
		Frame: h.Frame(), Seq: h.Seq(), ByteSeq: h.ByteSeq(), TimeStamp: h.TimeStamp(),
	}, nil
}
