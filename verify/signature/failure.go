package signature

// Fault is what is wrong with a signature.
type Fault string

// The faults, in words that follow "it is" or "the signature".
const (
	Unsigned   Fault = "unsigned"
	Malformed  Fault = "malformed"           // it cannot be read, or is of a kind that nobody here reads
	Mismatch   Fault = "does not match"      // it is over something else, or was changed
	UnknownKey Fault = "unknown key"         // the key is in none of the files of signers
	Expired    Fault = "expired"             // the key, its certificate or the signature was not valid (yet or any more)
	Revoked    Fault = "revoked"             // the key was revoked
	NotAllowed Fault = "not allowed to sign" // the key is known, but not for git, or not for who has to sign
)

// Failure is why an object does not count as signed.
type Failure struct {
	Fault  Fault
	Detail string // one clause, with the key where it is known
}

// Error is the detail.
func (f *Failure) Error() string { return f.Detail }
