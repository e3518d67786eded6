package manifest

// packageJSON fills p with what package.json says: libraries, entry point, SDK. Pkg is nil where there is none; then the
// libraries are those of the manifest n.
func (r *reader) packageJSON(p *Provider, file string, n, pkg *node) error {
	var err error
	if p.PackageMain, err = r.inside(packageFile, "main", pkg.get("main")); err != nil {
		return err
	}
	p.Libraries = map[string]string{}
	for name, rng := range pkg.exact("dependencies").pairs("@") {
		p.Libraries[name] = rng
	}
	sdk := []string{p.Libraries[SDKPackage]}
	delete(p.Libraries, SDKPackage)

	own := map[string]string{}
	if file != packageFile {
		own = n.get("dependencies").pairs("@")
	}
	if len(p.Libraries) == 0 {
		// npm would install nothing, but an author who lists libraries only here means them.
		for name, rng := range own {
			if name != SDKPackage {
				p.Libraries[name] = rng
			}
		}
	}

	p.Optional = pkg.exact("optionalDependencies").pairs("@")
	delete(p.Optional, SDKPackage)
	for name := range p.Optional {
		delete(p.Libraries, name) // as npm does: optional wins
	}

	p.Peers = map[string]string{}
	meta := pkg.exact("peerDependenciesMeta")
	for name, rng := range pkg.exact("peerDependencies").pairs("@") {
		_, direct := p.Libraries[name]
		_, optional := p.Optional[name]
		if name == SDKPackage {
			sdk = append(sdk, rng)
		} else if !direct && !optional && !meta.exact(name).get("optional").truth() {
			p.Peers[name] = rng
		}
	}
	p.Node = pkg.exact("engines").exact("node").string()
	p.Overrides = pkg.exact("overrides").anyMap()

	sdk = append(sdk, pkg.exact("devDependencies").pairs("@")[SDKPackage], own[SDKPackage])
	if lowest := pkg.get("mediaconduit").get("minimumVersion").string(); lowest != "" {
		sdk = append(sdk, ">="+lowest)
	}
	for _, rng := range sdk {
		if rng != "" {
			p.SDK = rng
			break
		}
	}
	return nil
}

// exact returns the value of key in npm's own part of package.json, where spelling counts.
func (n *node) exact(key string) *node {
	if n == nil {
		return nil
	}
	for _, e := range n.keys {
		if e.key == key {
			return e.val
		}
	}
	return nil
}
