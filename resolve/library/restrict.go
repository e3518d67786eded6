package library

// Restrict is a reduced package document (see [Reduce]) with only the versions in keep, the dist-tags and times that are about
// them, and no addresses of tarballs: what a mirror has of the package.
func Restrict(reduced []byte, keep map[string]bool) ([]byte, error) {
	out := append(make([]byte, 0, len(reduced)), '{')
	comma := commas(&out)
	err := eachMember(reduced, func(key string, value []byte) error {
		comma(key)
		if key == "name" || len(value) == 0 || value[0] != '{' {
			out = append(out, value...)
			return nil
		}
		out = append(out, '{')
		inner := commas(&out)
		err := eachMember(value, func(name string, member []byte) error {
			kept := keep[name]
			if key == "dist-tags" {
				kept = keep[stringOf(member)]
			}
			if !kept {
				return nil
			}
			inner(name)
			if key == "versions" {
				return withoutTarball(&out, member)
			}
			out = append(out, member...)
			return nil
		})
		out = append(out, '}')
		return err
	})
	return append(out, '}', '\n'), err
}

// withoutTarball appends a version without the address of its tarball.
func withoutTarball(out *[]byte, m []byte) error {
	*out = append(*out, '{')
	comma := commas(out)
	err := eachMember(m, func(key string, value []byte) error {
		comma(key)
		if key != "dist" || len(value) == 0 || value[0] != '{' {
			*out = append(*out, value...)
			return nil
		}
		*out = append(*out, '{')
		inner := commas(out)
		err := eachMember(value, func(key string, value []byte) error {
			if key != "tarball" {
				inner(key)
				*out = append(*out, value...)
			}
			return nil
		})
		*out = append(*out, '}')
		return err
	})
	*out = append(*out, '}')
	return err
}
