using Amazon;
using Amazon.EC2;
using Amazon.Extensions.NETCore.Setup;
using Amazon.Runtime;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace Coriolis.Providers.Aws.Tests.Configuration;

public sealed class AddCoriolisAwsTests
{
    private static readonly AwsConnectionInfo s_connection = new() { Region = "eu-west-1", AccessKeyId = "AKIAEXAMPLE", SecretAccessKey = "secret" };

    [Test]
    public void AddCoriolisAws_TwoNamesAndTheUnnamedOne_AreThreeProviders()
    {
        using var services = new ServiceCollection()
            .AddCoriolisAws(builder => builder.UseConnection(s_connection))
            .AddCoriolisAws("dublin", builder => builder.UseConnection(s_connection).Configure(options => options.ShutdownMigratedInstance = true))
            .AddCoriolisAws("ohio", builder => builder.UseConnection(s_connection with { Region = "us-east-2" }))
            .BuildServiceProvider();

        var providers = new[]
        {
            services.GetRequiredService<IReplicaSourceProvider>(),
            services.GetRequiredKeyedService<IReplicaSourceProvider>("dublin"),
            services.GetRequiredKeyedService<IReplicaSourceProvider>("ohio"),
        };

        Assert.Multiple(() =>
        {
            Assert.That(providers, Is.Unique);
            Assert.That(services.GetRequiredKeyedService<IReplicaSourceProvider>("ohio"), Is.SameAs(providers[2]));
            Assert.That(services.GetRequiredKeyedService<AwsDoctor>("ohio"), Is.Not.SameAs(services.GetRequiredService<AwsDoctor>()));
            var options = services.GetRequiredService<IOptionsMonitor<AwsSourceOptions>>();
            Assert.That(options.Get("dublin").ShutdownMigratedInstance, Is.True);
            Assert.That(options.Get("ohio").ShutdownMigratedInstance, Is.False);
        });
    }

    [Test]
    public void AddCoriolisAws_ProviderRegisteredBefore_IsKept()
    {
        var mine = NSubstitute.Substitute.For<IReplicaSourceProvider>();

        using var services = new ServiceCollection().AddSingleton(mine).AddCoriolisAws().AddCoriolisAws().BuildServiceProvider();

        Assert.That(services.GetServices<IReplicaSourceProvider>(), Is.EqualTo(new[] { mine }));
    }

    [Test]
    public void StartAsync_InvalidOptions_FailsTheHostWithAllOfThem()
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Services.AddCoriolisAws("dublin", aws => aws.Configure(options =>
        {
            options.MaxPendingSnapshots = -1;
            options.PollInterval = TimeSpan.Zero;
        }));
        using var host = builder.Build();

        var error = Assert.ThrowsAsync<OptionsValidationException>(() => host.StartAsync());

        Assert.That(error!.Message, Does.Contain("MaxPendingSnapshots").And.Contain("poll_interval"));
    }

    [Test]
    public void UseConnection_ContradictoryConnection_IsRefused()
    {
        var error = Assert.Throws<ArgumentException>(
            () => new ServiceCollection().AddCoriolisAws(builder => builder.UseConnection(s_connection with { SecretAccessKey = null, ExternalId = "x" })));

        Assert.That(error!.Message, Does.Contain("given together").And.Contain("role_arn"));
    }

    [Test]
    public void Create_ConnectionInfo_MakesClientsThatDoNotRetry()
    {
        var clients = ClientsOf(services => services.AddCoriolisAws(b => b.UseConnection(s_connection with { EndpointUrl = new Uri("http://127.0.0.1:1") })));

        Assert.Multiple(() =>
        {
            Assert.That(clients.RetryOurselves, Is.True);
            Assert.That(clients.Ec2.Config.MaxErrorRetry, Is.Zero);
            Assert.That(clients.Ec2.Config.ServiceURL, Is.EqualTo("http://127.0.0.1:1/"));
            Assert.That(clients.Ec2.Config.AuthenticationRegion, Is.EqualTo("eu-west-1"));
            Assert.That(clients.Endpoint.Region, Is.EqualTo("eu-west-1"));
        });
    }

    [Test]
    public void Create_RegisteredClient_IsUsedWithItsOwnRetries()
    {
        using var ec2 = new AmazonEC2Client(new BasicAWSCredentials("AKIAEXAMPLE", "secret"), new AmazonEC2Config { RegionEndpoint = RegionEndpoint.USEast2, MaxErrorRetry = 7 });

        var clients = ClientsOf(services => services
            .AddSingleton<IAmazonEC2>(ec2)
            .AddSingleton(new AWSOptions { Credentials = new BasicAWSCredentials("AKIAEXAMPLE", "secret"), Region = RegionEndpoint.USEast2 })
            .AddCoriolisAws());

        Assert.Multiple(() =>
        {
            Assert.That(clients.Ec2, Is.SameAs(ec2));
            Assert.That(clients.RetryOurselves, Is.False);
            Assert.That(clients.Kms.Config.MaxErrorRetry, Is.GreaterThan(0));
            Assert.That(clients.Endpoint.Region, Is.EqualTo("us-east-2"));
        });
    }

    [Test]
    public void Create_HostsAwsOptions_SetRegionCredentialsAndEndpoint()
    {
        var options = new AWSOptions { Credentials = new BasicAWSCredentials("AKIAEXAMPLE", "secret"), Region = RegionEndpoint.APSouth1 };
        options.DefaultClientConfig.UseDualstackEndpoint = true;

        var clients = ClientsOf(services => services.AddSingleton(options).AddCoriolisAws());

        Assert.Multiple(() =>
        {
            Assert.That(clients.Endpoint.Region, Is.EqualTo("ap-south-1"));
            Assert.That(clients.Endpoint.Credentials, Is.SameAs(options.Credentials));
            Assert.That(clients.Ec2.Config.UseDualstackEndpoint, Is.True);
            Assert.That(clients.RetryOurselves, Is.True);
        });
    }

    private static AwsClients ClientsOf(Action<IServiceCollection> register)
    {
        var services = new ServiceCollection();
        register(services);
        using var provider = services.BuildServiceProvider();
        return AwsClientFactory.Create(provider, null);
    }
}
