using Coriolis.Destinations.Conformance;
using Coriolis.Providers;

namespace Coriolis.Destinations.Tests;

[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
internal sealed class InMemoryDestinationConformanceTests : DestinationWriterConformance
{
    private readonly InMemoryDestination _destination = new();

    protected override IDestinationWriter CreateWriter() => _destination;
}
