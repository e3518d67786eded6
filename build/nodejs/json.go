package nodejs

import (
	"bytes"
	"encoding/json"
	"fmt"
)

// object is a JSON object whose order is kept: the order of conditions decides which one applies.
type object []member

type member struct {
	key   string
	value any // string, object, []any, nil, or another JSON scalar
}

func (o object) get(key string) (any, bool) {
	for i := len(o) - 1; i >= 0; i-- { // of repeated keys the last one counts, as in JSON.parse
		if o[i].key == key {
			return o[i].value, true
		}
	}
	return nil, false
}

// maxDepth limits the nesting of a package.json, which a stranger wrote.
const maxDepth = 100

func decode(data []byte) (any, error) {
	dec := json.NewDecoder(bytes.NewReader(bytes.TrimPrefix(data, []byte("\xef\xbb\xbf"))))
	value, err := decodeValue(dec, 0)
	if err != nil {
		return nil, err
	}
	if dec.More() {
		return nil, fmt.Errorf("text follows the JSON value at byte %d", dec.InputOffset())
	}
	return value, nil
}

func decodeValue(dec *json.Decoder, depth int) (any, error) {
	if depth > maxDepth {
		return nil, fmt.Errorf("nested deeper than %d at byte %d", maxDepth, dec.InputOffset())
	}
	token, err := dec.Token()
	if err != nil {
		return nil, err
	}
	delim, ok := token.(json.Delim)
	if !ok {
		return token, nil
	}
	if delim == '[' {
		list := []any{}
		for dec.More() {
			value, err := decodeValue(dec, depth+1)
			if err != nil {
				return nil, err
			}
			list = append(list, value)
		}
		_, err = dec.Token()
		return list, err
	}
	members := object{}
	for dec.More() {
		key, err := dec.Token()
		if err != nil {
			return nil, err
		}
		value, err := decodeValue(dec, depth+1)
		if err != nil {
			return nil, err
		}
		members = append(members, member{key.(string), value})
	}
	_, err = dec.Token()
	return members, err
}
