package wire

import "encoding/binary"

// DataHeader is the header of a DATA message in the bytes in which it came.
// Reading only the fields that are wanted, where they stand, takes a receiver a
// fraction of the time that filling in a Data takes.
type DataHeader [DataHeaderSize]byte

// OpenData looks at b, which has to be one whole DATA message, and returns its
// header, which stays in b's memory. It allocates nothing.
func OpenData(b []byte) (*DataHeader, error) {
	if len(b) < DataHeaderSize {
		return nil, errDataShort
	}
	h := (*DataHeader)(b)
	if Type(h[offType]) != TypeData {
		return nil, errDataType
	}
	if int(binary.BigEndian.Uint16(h[offLength:])) != len(b) {
		return nil, errDataLength
	}
	return h, nil
}

// First and Last tell whether the message begins, ends its frame.
func (h *DataHeader) First() bool { return h[offFlags]&FlagFirst != 0 }
func (h *DataHeader) Last() bool  { return h[offFlags]&FlagLast != 0 } // see First

// Frame, Seq, ByteSeq and TimeStamp are the fields of Data.
func (h *DataHeader) Frame() FrameID  { return FrameID(binary.BigEndian.Uint32(h[offDataFrame:])) }
func (h *DataHeader) Seq() Seq        { return Seq(binary.BigEndian.Uint64(h[offDataSeq:])) }
func (h *DataHeader) ByteSeq() uint64 { return binary.BigEndian.Uint64(h[offDataByteSeq:]) }
func (h *DataHeader) TimeStamp() int64 {
	return int64(binary.BigEndian.Uint64(h[offDataTimeStamp:]))
}
