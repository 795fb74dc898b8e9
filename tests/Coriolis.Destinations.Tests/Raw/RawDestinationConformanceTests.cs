using Coriolis.Destinations.Conformance;
using Coriolis.Providers;
using Microsoft.Extensions.Options;

namespace Coriolis.Destinations.Tests;

[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
internal sealed class RawDestinationConformanceTests : DestinationWriterConformance, IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    protected override IDestinationWriter CreateWriter() =>
        new RawDestinationWriter(Options.Create(new RawDestinationOptions { Directory = _folder.Path }));
}
