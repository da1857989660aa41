package postgres

import (
	"encoding/binary"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
)

// How values go over the wire. Times and bytes are sent in the server's binary form,
// so that neither its DateStyle nor its time zone has a say and a record is not
// doubled by hex digits; for other values the server knows the type, and text does.
// All that comes back is asked for in binary form.
const (
	textForm   int16  = 0
	binaryForm int16  = 1
	anyType    uint32 = 0 // the server finds out
	bytesType  uint32 = 17
	timeType   uint32 = 1184
)

// epoch is where the server's times begin. They count microseconds from there.
var epoch = time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC).UnixMicro()

// arguments are those of a statement as they are sent.
type arguments struct {
	values [][]byte
	types  []uint32
	forms  []int16
}

func encode(args []any) (arguments, error) {
	var a arguments
	for i, arg := range args {
		value, oid, form := []byte(nil), anyType, textForm
		switch v := arg.(type) {
		case string:
			value = []byte(v)
		case int:
			value = strconv.AppendInt(nil, int64(v), 10)
		case int64:
			value = strconv.AppendInt(nil, v, 10)
		case []byte:
			value, oid, form = append([]byte{}, v...), bytesType, binaryForm // never nil, which is NULL
		case time.Time:
			value, oid, form = binary.BigEndian.AppendUint64(nil, stamp(v)), timeType, binaryForm
		case []int64:
			value = integers(v)
		case []string:
			value = texts(v)
		default:
			return a, final(fmt.Errorf("argument %d has type %T, which cannot be sent", i+1, arg))
		}
		a.values, a.types, a.forms = append(a.values, value), append(a.types, oid), append(a.forms, form)
	}
	return a, nil
}

// stamp is a time as the server has it.
func stamp(t time.Time) uint64 { return uint64(t.UnixMicro() - epoch) }

// integers is an array as the server writes it.
func integers(all []int64) []byte {
	text := []byte{'{'}
	for i, v := range all {
		if i > 0 {
			text = append(text, ',')
		}
		text = strconv.AppendInt(text, v, 10)
	}
	return append(text, '}')
}

var quote = strings.NewReplacer(`\`, `\\`, `"`, `\"`)

// texts is an array as the server writes it, with every element in quotes.
func texts(all []string) []byte {
	text := []byte{'{'}
	for i, v := range all {
		if i > 0 {
			text = append(text, ',')
		}
		text = append(text, '"')
		text = append(text, quote.Replace(v)...)
		text = append(text, '"')
	}
	return append(text, '}')
}

// decode reads a column. Bytes are valid until the next row.
func decode(column any, oid uint32, value []byte) error {
	if value == nil {
		return fmt.Errorf("the server sent NULL where a %T is wanted", column)
	}
	switch c := column.(type) {
	case *string:
		*c = string(value)
		return nil
	case *[]byte:
		*c = value
		return nil
	case *bool:
		if len(value) == 1 {
			*c = value[0] != 0
			return nil
		}
	case *int:
		n, err := integer(value)
		*c = int(n)
		return err
	case *int64:
		n, err := integer(value)
		*c = n
		return err
	case *float64:
		if len(value) == 8 {
			*c = math.Float64frombits(binary.BigEndian.Uint64(value))
			return nil
		}
	case *any:
		if oid == timeType && len(value) == 8 {
			*c = time.UnixMicro(int64(binary.BigEndian.Uint64(value)) + epoch).UTC()
			return nil
		}
	}
	return fmt.Errorf("the server sent %d bytes of type %d where a %T is wanted", len(value), oid, column)
}

func integer(value []byte) (int64, error) {
	switch len(value) {
	case 4:
		return int64(int32(binary.BigEndian.Uint32(value))), nil
	case 8:
		return int64(binary.BigEndian.Uint64(value)), nil
	}
	return 0, fmt.Errorf("the server sent an integer of %d bytes, want 4 or 8", len(value))
}
