namespace Coriolis.Morphing.Tests.Support;

/// <summary>
/// An Alpine of a few packages. No package that can be had here holds the real apk: a program stands for it, with the options and messages of
/// apk-tools 2, that keeps the real one's database: the records of <c>/lib/apk/db/installed</c> and the list of wishes <c>/etc/apk/world</c>.
/// </summary>
internal static class AlpineGuest
{
    // A package stays while a wish, or a package that stays, needs it: by name, by a name that it provides, with or without a version.
    private const string Apk = """
        #!/bin/awk -f
        function read_database(line, open, key, value, folder) {
            while ((getline line < DATABASE) > 0) {
                if (line == "") { open = 0; continue }
                if (!open) { open = 1; count++ }
                text[count] = text[count] line "\n"
                key = substr(line, 1, 1); value = substr(line, 3)
                if (key == "P") name[count] = value
                else if (key == "V") version[count] = value
                else if (key == "D") depends[count] = value
                else if (key == "p") provides[count] = value
                else if (key == "F") { folder = value; if (value != "") folders[count] = value " " folders[count] }
                else if (key == "R") files[count] = files[count] "'" folder "/" value "' "
            }
            while ((getline line < WORLD) > 0) if (line != "") wish[++wishes] = line
        }
        function bare(word) { sub(/[<>=~].*/, "", word); return word }
        function is(package, word, parts, n, k) {
            if (name[package] == word) return 1
            n = split(provides[package], parts, " ")
            for (k = 1; k <= n; k++) if (bare(parts[k]) == word) return 1
            return 0
        }
        function needs(package, other, parts, n, k) {
            n = split(depends[package], parts, " ")
            for (k = 1; k <= n; k++) if (substr(parts[k], 1, 1) != "!" && is(other, bare(parts[k]))) return 1
            return 0
        }
        function use(package, k) {
            if (used[package]) return
            used[package] = 1
            for (k = 1; k <= count; k++) if (needs(package, k)) use(k)
        }
        function quit(code) { left = 1; exit code }
        BEGIN {
            DATABASE = "/lib/apk/db/installed"; WORLD = "/etc/apk/world"
            read_database()
            command = ARGV[1]
            for (a = 2; a < ARGC; a++) {
                if (ARGV[a] == "--simulate") simulate = 1
                else if (ARGV[a] == "--rdepends") rdepends = 1
                else if (substr(ARGV[a], 1, 2) == "--") { if (ARGV[a] !~ /^--(installed|purge|no-network)$/) { print "apk: unrecognized option: " ARGV[a] > "/dev/stderr"; quit(1) } }
                else asked[++asks] = ARGV[a]
            }
            for (a = 1; a <= asks; a++) {
                found = 0
                for (p = 1; p <= count; p++) if (name[p] == asked[a]) { found = 1; wanted[p] = 1 }
                if (!found && command != "del") { if (command == "add") print "ERROR: unable to select packages:\n  " asked[a] " (no such package)"; quit(1) }
                if (command == "info") print asked[a]
                if (command == "add") { for (w = 1; w <= wishes; w++) if (bare(wish[w]) == asked[a]) found = 2; if (found == 1) wish[++wishes] = asked[a] }
            }
            if (command == "info") quit(0)
            if (command == "add") { printf "" > WORLD; for (w = 1; w <= wishes; w++) print wish[w] > WORLD; print "OK: 12 MiB in " count " packages"; quit(0) }
            if (command != "del") { print "apk: '" command "' is not an apk command" > "/dev/stderr"; quit(1) }
            if (rdepends) do {
                more = 0
                for (p = 1; p <= count; p++) if (!wanted[p]) for (q = 1; q <= count; q++) if (wanted[q] && needs(p, q)) { wanted[p] = 1; more = 1; break }
            } while (more)
            for (w = 1; w <= wishes; w++) {
                stays = 1
                for (p = 1; p <= count; p++) if (wanted[p] && is(p, bare(wish[w]))) stays = 0
                if (stays) kept[++keeps] = wish[w]
            }
            for (w = 1; w <= keeps; w++) for (p = 1; p <= count; p++) if (is(p, bare(kept[w]))) use(p)
            for (a = 1; a <= asks; a++) for (p = 1; p <= count; p++) if (name[p] == asked[a] && used[p]) {
                if (!said++) print "World updated, but the following packages are not removed due to:"
                printf "  %s:", name[p]
                for (q = 1; q <= count; q++) if (used[q] && needs(q, p)) printf " %s", name[q]
                print ""
            }
            for (p = 1; p <= count; p++) if (!used[p]) total++
            for (p = count; p >= 1; p--) if (!used[p]) {
                printf "(%d/%d) Purging %s (%s)\n", ++done, total, name[p], version[p]
                if (!simulate) { if (files[p] != "") system("cd / && rm -f " files[p]); if (folders[p] != "") system("cd / && rmdir " folders[p] " 2>/dev/null") }
            }
            print "OK: 12 MiB in " (count - total) " packages"
            if (simulate) quit(0)
            printf "" > WORLD; for (w = 1; w <= keeps; w++) print kept[w] > WORLD
            printf "" > DATABASE; for (p = 1; p <= count; p++) if (used[p]) print text[p] > DATABASE
            quit(0)
        }
        """;

    /// <summary>Makes the guest's files, with cloud-init and what it needs.</summary>
    public static void Install(TemporaryDirectory guest)
    {
        MiniGuest.Install(guest, "awk", "rm", "rmdir");
        foreach (var folder in (string[])["usr", "var", "lib/apk/db", "home"])
            Directory.CreateDirectory(guest.Below(folder));
        guest.Write("sbin/apk", Apk);
        File.SetUnixFileMode(guest.Below("sbin/apk"), (UnixFileMode)0b111_101_101);
        guest.Write("etc/os-release", "NAME=\"Alpine Linux\"\nID=alpine\nVERSION_ID=3.20.3\nPRETTY_NAME=\"Alpine Linux v3.20\"\n");
        guest.Write("etc/apk/world", "alpine-base\nopenssh\ncloud-init\n");
        AddPackage(guest, "alpine-base", "");
        AddPackage(guest, "dhcpcd", "", provides: "cmd:dhcpcd=10.0.6-r0");
        AddPackage(guest, "py3-yaml", "", files: ["usr/lib/python3.12/site-packages/yaml.py"], provides: "py3.12:yaml=6.0.1-r3");
        AddPackage(guest, "cloud-init", "py3.12:yaml cmd:dhcpcd>=9 !cloud-agent", files: ["etc/cloud/cloud.cfg", "usr/bin/cloud-init", "etc/init.d/cloud-init"]);
        AddPackage(guest, "openssh", "");
        guest.Write("etc/cloud/cloud.cfg", "datasource_list: [ Ec2 ]\n");
        guest.Link("etc/runlevels/boot/cloud-init", "/etc/init.d/cloud-init");
    }

    /// <summary>Records a package and makes its files.</summary>
    public static void AddPackage(TemporaryDirectory guest, string name, string depends, string[]? files = null, string provides = "")
    {
        var record = $"C:Q1eVpkasfqZAukAXFYbgwt4xAMZWU=\nP:{name}\nV:1.0-r0\nA:x86_64\nS:1000\nI:2000\nT:Stands for the real one\nU:https://alpinelinux.org\nL:MIT\no:{name}\nt:1720000000\n"
            + (depends.Length > 0 ? $"D:{depends}\n" : "") + (provides.Length > 0 ? $"p:{provides}\n" : "");
        foreach (var file in files ?? [])
        {
            record += $"F:{Path.GetDirectoryName(file)}\nR:{Path.GetFileName(file)}\na:0:0:755\nZ:Q1c4oyXrPuELYyEc8CdIUW5GxhCko=\n";
            guest.Write(file, name);
        }

        File.AppendAllText(guest.Below("lib/apk/db/installed"), record + "\n");
    }

    /// <summary>The names of the packages in the database.</summary>
    public static IEnumerable<string> Installed(string database) =>
        database.Split('\n').Where(line => line.StartsWith("P:", StringComparison.Ordinal)).Select(line => line[2..]).Order(StringComparer.Ordinal);
}
