namespace Coriolis.Morphing.Lvm;

/// <summary>A section of LVM's metadata.</summary>
internal sealed class LvmSection(IReadOnlyDictionary<string, object> settings)
{
    /// <summary>The sections in this one, with their names.</summary>
    public IEnumerable<(string Name, LvmSection Section)> Sections =>
        settings.Where(pair => pair.Value is LvmSection).Select(pair => (pair.Key, (LvmSection)pair.Value));

    public LvmSection Section(string name) => Get<LvmSection>(name);

    public LvmSection? OptionalSection(string name) => settings.GetValueOrDefault(name) as LvmSection;

    public string Text(string name) => Get<string>(name);

    public long Number(string name) => Get<long>(name);

    public IReadOnlyList<object> List(string name) => Get<List<object>>(name);

    private T Get<T>(string name) =>
        settings.GetValueOrDefault(name) is T value ? value : throw new FormatException($"the metadata has no {name}");
}
