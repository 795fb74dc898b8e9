using Spectre.Console;
using Spectre.Console.Rendering;

namespace Coriolis.Cli;

/// <summary>How much has been written to the destination, which is less than the position when there are zeros.</summary>
internal sealed class WrittenColumn : ProgressColumn
{
    public const string Key = "written";

    protected override bool NoWrap => true;

    public override IRenderable Render(RenderOptions options, ProgressTask task, TimeSpan deltaTime) =>
        new Text(task.IsIndeterminate ? string.Empty : ByteSize.Format(task.State.Get<long>(Key))).RightJustified();
}
